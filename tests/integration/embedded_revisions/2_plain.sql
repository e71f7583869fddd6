-- revision = "2c2c2c2c2c2c"
-- down_revision = "1b1b1b1b1b1b"
-- message = "plain SQL"
-- foreign_keys = "off"

-- upgrade
CREATE TABLE tag (
  name TEXT PRIMARY KEY
);
INSERT INTO tag VALUES ('a;b');

-- downgrade
DROP TABLE tag;
