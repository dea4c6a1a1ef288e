-- The articles of feeds by what is in them, so that an item that several feeds bring is one article in several rooms.
--
-- Feeds share an article only where all that readers see of it is the same (`content`): what one feed says is never shown
-- as another's. A row outlives its feed: one that is removed and added again brings nothing twice.

CREATE TABLE feed_article (
    content     bytea PRIMARY KEY,   -- a digest
    identifier  bytea NOT NULL,      -- the article's Message-ID
    came_at     timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX feed_article_by_time ON feed_article (came_at);

-- The Message-ID of the article that the item is in its room; another feed may have brought it.
ALTER TABLE feed_item ADD COLUMN article bytea NOT NULL DEFAULT '';
CREATE INDEX feed_item_by_article ON feed_item (article);

UPDATE feed_item SET article = identifier.identifier
FROM identifier
WHERE door = 'feed' AND split_part(convert_from(identifier.identifier, 'UTF8'), '@', 1)
    = '<' || identity || CASE WHEN edition > 1 THEN '.' || edition ELSE '' END;
