-- The full name of a member, as others see it beside what they write; NULL until they have told it.

ALTER TABLE account ADD COLUMN full_name text CHECK (full_name <> '' AND length(full_name) <= 200);
