-- The collation makes ids sort by their bytes everywhere: pages and prefixes are ranges of the primary key.
CREATE TABLE data (
  id text COLLATE "C" PRIMARY KEY,
  value jsonb NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now()
);
