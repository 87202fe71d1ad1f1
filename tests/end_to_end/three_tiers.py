"""Three hosts of a lab: nginx -> application -> database over real TCP."""

from __future__ import annotations

from tests.lab.hosts import Lab

PYTHON = "/usr/bin/python3"
DATABASE = """
import socketserver
class Serve(socketserver.BaseRequestHandler):
    def handle(self):
        while self.request.recv(100):
            self.request.sendall(b"row\\n")
class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
Server(("0.0.0.0", 5432), Serve).serve_forever()
"""
APPLICATION = """
import http.server, socket, sys
pool = socket.create_connection((sys.argv[1], 5432))
class Serve(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def do_GET(self):
        pool.sendall(b"select"); body = pool.recv(100)
        self.send_response(200); self.send_header("Content-Length", str(len(body))); self.end_headers(); self.wfile.write(body)
    def log_message(self, *words): pass
http.server.ThreadingHTTPServer(("0.0.0.0", 8080), Serve).serve_forever()
"""
NGINX = """
user www-data;
pid /run/nginx.pid;
events {{}}
http {{
  access_log off;
  upstream application {{ server {address}:8080; keepalive 2; }}
  server {{
    listen 80;
    location / {{ proxy_pass http://application; proxy_http_version 1.1; proxy_set_header Connection ""; }}
  }}
}}
"""


class ThreeTiers:
    """The hosts db1, app1 and web1. Database and nginx run from the beginning, the application when it is started."""

    def __init__(self, lab: Lab) -> None:
        self.database = lab.host("db1")
        self.application = lab.host("app1")
        self.web = lab.host("web1")
        self.hosts = (self.database, self.application, self.web)
        self.database.write("/opt/postgres/server.py", DATABASE)
        self.database.spawn(PYTHON, "/opt/postgres/server.py")
        self.database.wait_for("sh", "-c", "ss -Hltn | grep -q :5432")
        self.web.write("/etc/nginx/nginx.conf", NGINX.format(address=self.application.address))
        self.web.spawn("/usr/sbin/nginx", "-g", "daemon off;")
        self.web.wait_for("sh", "-c", "ss -Hltn | grep -q :80")

    def start_application(self) -> None:
        """Start it, and send a request all the way."""
        self.application.write("/opt/app/app.py", APPLICATION)
        self.application.spawn(PYTHON, "/opt/app/app.py", self.database.address)
        self.application.wait_for("sh", "-c", "ss -Hltn | grep -q :8080")
        self.web.wait_for("curl", "-sf", "http://127.0.0.1/")

    def end_application(self) -> None:
        self.application.run("pkill", "-f", "/opt/app/app.py")
