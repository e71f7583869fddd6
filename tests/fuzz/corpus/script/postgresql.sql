\restrict x1
SET statement_timeout = 0; -- a dump's head
CREATE FUNCTION f(a int) RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT CASE WHEN a > 1 THEN 2 END; SELECT 3; END;
DO $body$ BEGIN PERFORM 'a;b'; END $body$; /* one /* in */ another; */
INSERT INTO "a;b" VALUES (E'it\'s;', U&'\0041', $$;$$, B'01', 1..2);
SELECT $1, a->>'b' FROM t WHERE (x;
