r"""Databases, web servers, balancers and brokers: one row for each product, to which a newcomer adds one.

`name` is what known_software.py calls the software. Where nothing else is said the version is that of the package that
owns the executable. For an executable of no package `text` is a regular expression (its first group is the version) for
the text that the product's builds hold, looked for in the file; a product that runs inside another one's executable (Java,
Erlang) has `argument`, the same for its command line, and may have `file`, a file of its own whose owner is asked for where
the command line does not say. `config` are places of the configuration file where no argument names
one, the first that is there counts; `data` is a regular expression for the setting in it that names the data folder.

    Product("nginx", "web server", text=rb"nginx version: nginx/(\d[\d.]*)", config=("/etc/nginx/nginx.conf",))
"""

from __future__ import annotations

from collections.abc import Mapping

from cmdb.model.dataclass import dataclass


@dataclass(frozen=True)
class Product:
    """One row, see above."""

    name: str
    kind: str
    text: bytes = b""
    argument: str = ""
    file: str = ""
    config: tuple[str, ...] = ()
    data: str = ""


_DATABASES = (
    Product(
        "postgres",
        "database",
        rb"postgres \(PostgreSQL\) (\d[\w.]*)",
        data=r"data_directory\s*=?\s*'?(/[^'\s#]+)",
    ),
    Product(
        "mariadbd",
        "database",
        rb"\0(\d+\.\d+\.\d+)-MariaDB",
        config=("/etc/mysql/my.cnf", "/etc/my.cnf"),
        data=r"datadir\s*=\s*(/[^\s#]+)",
    ),
    Product("mysqld", "database", config=("/etc/mysql/my.cnf", "/etc/my.cnf"), data=r"datadir\s*=\s*(/[^\s#]+)"),
    Product(
        "redis-server", "database", config=("/etc/redis/redis.conf", "/etc/redis.conf"), data=r"dir\s+\"?(/[^\s\"]+)"
    ),
    Product("valkey-server", "database", config=("/etc/valkey/valkey.conf",), data=r"dir\s+\"?(/[^\s\"]+)"),
    Product("mongod", "database", config=("/etc/mongod.conf",), data=r"dbPath:\s*\"?(/[^\s\"#]+)"),
    Product("memcached", "database", rb"memcached (\d+\.\d+\.\d+)", config=("/etc/memcached.conf",)),
    Product("slapd", "database", config=("/etc/ldap/slapd.d/cn=config.ldif", "/etc/openldap/slapd.d/cn=config.ldif")),
    Product("etcd", "database", config=("/etc/etcd/etcd.conf",)),
    Product("influxd", "database", config=("/etc/influxdb/influxdb.conf",)),
    Product("clickhouse-server", "database", config=("/etc/clickhouse-server/config.xml",)),
    Product("cassandra", "database", argument=r"/apache-cassandra-(\d[\w.]*)\.jar"),
    Product(
        "elasticsearch",
        "database",
        argument=r"/elasticsearch-(\d[\w.]*)\.jar",
        config=("/etc/elasticsearch/elasticsearch.yml",),
    ),
    Product(
        "opensearch", "database", argument=r"/opensearch-(\d[\w.]*)\.jar", config=("/etc/opensearch/opensearch.yml",)
    ),
    Product("neo4j", "database", argument=r"/neo4j-(?:kernel-)?(\d[\w.]*)\.jar"),
    Product("couchdb", "database", argument=r"/couch-(\d[\w.]*)/"),
    Product("mongos", "database"),
    Product("cockroach", "database"),
    Product("oracle", "database"),
    Product("sqlservr", "database"),
    Product("keydb-server", "database"),
)
_WEB_SERVERS = (
    Product("nginx", "web server", rb"nginx version: nginx/(\d[\d.]*)", config=("/etc/nginx/nginx.conf",)),
    Product(
        "apache2",
        "web server",
        rb"Apache/(\d+\.\d+\.\d+)",
        config=("/etc/apache2/apache2.conf", "/etc/apache2/httpd.conf"),
    ),
    Product("httpd", "web server", rb"Apache/(\d+\.\d+\.\d+)", config=("/etc/httpd/conf/httpd.conf",)),
    Product("lighttpd", "web server", rb"lighttpd/(\d+\.\d+\.\d+)", config=("/etc/lighttpd/lighttpd.conf",)),
    Product("caddy", "web server", config=("/etc/caddy/Caddyfile",)),
    Product("php-fpm", "web server"),
    Product("tomcat", "web server", argument=r"-Dcatalina\.home=\S*?tomcat-?(\d+(?:\.\d+)*)"),
    Product("uwsgi", "web server"),
    Product("jetty", "web server"),
    Product("gunicorn", "web server"),
    Product("unicorn", "web server"),
    Product("puma", "web server"),
)
_BROKERS = (
    Product(
        "rabbitmq",
        "broker",
        argument=r"/rabbitmq_server-(\d[\w.]*)/",
        file="/usr/sbin/rabbitmq-server",
        config=("/etc/rabbitmq/rabbitmq.conf",),
    ),
    Product("emqx", "broker", argument=r"/emqx-(\d[\w.]*)/"),
    Product("kafka", "broker", argument=r"/kafka_\d[\d.]*-(\d[\w.]*?)\.jar"),
    Product("zookeeper", "broker", argument=r"/zookeeper-(\d[\w.]*?)\.jar"),
    Product("activemq", "broker", argument=r"/activemq-(?:all-|broker-)?(\d[\w.]*?)\.jar"),
    Product("mosquitto", "broker", config=("/etc/mosquitto/mosquitto.conf",), data=r"persistence_location\s+(/\S+)"),
    Product("nats-server", "broker", config=("/etc/nats-server.conf",)),
)
_BALANCERS = (
    Product("haproxy", "balancer", rb" version (\d+\.\d+[\w.+~\-]*), released", config=("/etc/haproxy/haproxy.cfg",)),
    Product("traefik", "balancer", config=("/etc/traefik/traefik.yml", "/etc/traefik/traefik.toml")),
    Product("envoy", "balancer", config=("/etc/envoy/envoy.yaml",)),
    Product("keepalived", "balancer", config=("/etc/keepalived/keepalived.conf",)),
    Product("varnishd", "balancer", config=("/etc/varnish/default.vcl",)),
    Product("squid", "balancer", rb"squid/(\d[\w.]*)", config=("/etc/squid/squid.conf",)),
    Product("pgbouncer", "balancer", config=("/etc/pgbouncer/pgbouncer.ini",)),
    Product("proxysql", "balancer", config=("/etc/proxysql.cnf",), data=r"datadir\s*=\s*\"(/[^\"]+)"),
    Product("pgpool", "balancer"),
)
PRODUCTS: Mapping[str, Product] = {p.name: p for p in (*_DATABASES, *_WEB_SERVERS, *_BROKERS, *_BALANCERS)}
"""Products by the name of their software."""
