-- revision = "a"
-- down_revision = ""
-- message = "x"

-- upgrade
SELECT 1;
-- downgrade
SELECT 2;
