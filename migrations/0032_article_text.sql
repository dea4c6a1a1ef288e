-- What is searched of the articles in rooms: the words of subject, author and text.
--
-- It is written when somebody searches, and now and then by the web service, not when an article is posted, so that
-- posting costs nothing more (shared/rooms/search/index_articles.py). `reached` is the last number that was looked at.
-- `id` goes up with what comes later: words that every article has are looked for among the newest.

CREATE TABLE article_text_reach (
    folder_id  bigint PRIMARY KEY REFERENCES room ON DELETE CASCADE,
    reached    integer NOT NULL DEFAULT 0
);

CREATE TABLE article_text (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    folder_id  bigint NOT NULL,
    uid        integer NOT NULL,
    words      tsvector NOT NULL,
    grams      text[] COLLATE "C" NOT NULL DEFAULT '{}',
    UNIQUE (folder_id, uid)
);
CREATE INDEX article_text_words ON article_text USING gin (words);
CREATE INDEX article_text_grams ON article_text USING gin (grams) WHERE grams <> '{}';

CREATE FUNCTION forget_article_texts() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM article_text WHERE folder_id = OLD.folder_id;
    RETURN NULL;
END
$$;
CREATE TRIGGER texts_go_with_their_room AFTER DELETE ON room FOR EACH ROW EXECUTE FUNCTION forget_article_texts();
