PRAGMA foreign_keys = off; -- a dump's head
CREATE TRIGGER t AFTER DELETE ON h BEGIN SELECT CASE WHEN 1 THEN 2 END; DELETE FROM [a;b]; END;
INSERT INTO "a;b" VALUES ('it''s;', x'00', `c;d`) /* e; */;
