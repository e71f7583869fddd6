"""MariaDB, on a private server."""
import subprocess

import served
import servers


class MariaDB:
    key = "mysql"
    name = "MariaDB"
    program = "mariadb -e"
    create_sql = "CREATE TABLE t{} (id integer NOT NULL AUTO_INCREMENT PRIMARY KEY, name text NOT NULL)"

    def __init__(self, directory, build):
        self.directory, self.build = directory, build

    def url(self, database):
        return f"mariadb://root@/{database}?unix_socket={self.directory}/socket"

    def _client(self, database, *arguments):
        return ["mariadb", "--no-defaults", f"--socket={self.directory}/socket", "-uroot", database, *arguments]

    def recreate(self, database):
        self.value("mysql", f"DROP DATABASE IF EXISTS {database}")
        self.value("mysql", f"CREATE DATABASE {database} CHARACTER SET utf8mb4")

    def settle(self, database):
        pass

    def cool(self, database):
        """Every table is read from the disk's pages again."""
        self.value(database, "FLUSH TABLES")

    def command(self, database, sql):
        return {"command": self._client(database, "-e", sql)}

    def script(self, database, file):
        return {"command": self._client(database), "stdin": file}

    def raw(self, database):
        return {"command": [self.build / "bin/bench_raw_mysql", f"{self.directory}/socket", database]}

    def value(self, database, sql):
        return subprocess.run(self._client(database, "-Ne", sql), check=True, capture_output=True, text=True).stdout.strip()

    def table_sql(self, i):
        t, parent = f"t{i:05d}", f"t{max(i - 1, 0) // 2:05d}"
        return (
            f"CREATE TABLE {t}(id bigint NOT NULL AUTO_INCREMENT PRIMARY KEY, parent_id bigint, "
            f"name varchar(100) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL COMMENT 'the name of {i}', qty int NOT NULL DEFAULT 0, "
            "price decimal(12,2) DEFAULT 0.00, created datetime(6) NOT NULL DEFAULT current_timestamp(6), note text, "
            f"total decimal(14,2) GENERATED ALWAYS AS (price*2) STORED, KEY {t}_i1(parent_id, created), UNIQUE KEY {t}_i2(name(50)), "
            f"CONSTRAINT {t}_fk FOREIGN KEY (parent_id) REFERENCES {parent}(id) ON DELETE CASCADE, CONSTRAINT {t}_ck CHECK (qty >= 0)) "
            f"ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COMMENT='table {i}';\n")


def run(aludel, build, scale):
    with servers.mariadb() as directory:
        client = MariaDB(directory, build)
        served.nothing_to_do(aludel, client, "2.5x")
        served.check(aludel, build, client, "1,190 ms wall", "100 ms wall")
        served.inspect(aludel, client, scale, "2x at 10,000")
        served.many_revisions(aludel, client, scale, "")
        return "MariaDB " + client.value("mysql", "SELECT version()").split("-")[0]
