-- Newsreaders keep what was read in files of their own. That reading by NNTP also marks articles as read behind the
-- other doors is each account's choice.

ALTER TABLE account ADD COLUMN news_marks boolean NOT NULL DEFAULT true;
