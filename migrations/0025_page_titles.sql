-- The words of pages' names have an index of their own: one index of both would have to look at the text of every page
-- that has a word, to find those that have it in the name.

ALTER TABLE page_text ADD COLUMN title tsvector NOT NULL DEFAULT '';
UPDATE page_text SET title = strip(ts_filter(words, '{a}'));
CREATE INDEX page_text_title ON page_text USING gin (title);
