import psycopg2
import redis

from helpdesk import embedded


def test_servers_of_ones_own_keep_their_data_through_a_kill(own_servers: embedded.Servers) -> None:
    where = own_servers.places
    redis.Redis(unix_socket_path=str(where.redis_socket)).set("kept", "yes")
    with _database(where) as line, line.cursor() as cursor:
        cursor.execute("CREATE TABLE kept AS SELECT 1 AS one")

    own_servers.postgres.kill()
    own_servers.redis.kill()
    own_servers.postgres.start()
    own_servers.redis.start()

    assert redis.Redis(unix_socket_path=str(where.redis_socket)).get("kept") == b"yes"
    with _database(where) as line, line.cursor() as cursor:
        cursor.execute("SELECT one FROM kept")
        assert cursor.fetchall() == [(1,)]


def _database(where: embedded.Places) -> "psycopg2.extensions.connection":
    return psycopg2.connect(host=str(where.postgres_sockets), user="helpdesk", dbname="helpdesk")
