-- Since when the line is where it is: what lies below may be dropped only when no consumer can still go by the line before.
-- The row of the empty project is the line below which no project takes a span, even one that is yet to be made.
ALTER TABLE projects
    ADD COLUMN IF NOT EXISTS frozen_at DateTime('UTC') DEFAULT now();
