"""Pools of balancers."""

from __future__ import annotations

from agent.fact import Collected, Content, Failed, Files, Missing, NotApplicable
from agent.facts import balancer_pools
from agent.facts.balancer_pools import parse_apache, parse_haproxy, parse_nginx
from tests.agent.supplied import made, recorded, run


def test_the_recorded_servers() -> None:
    outcome = run(balancer_pools, recorded("debian12-servers"))

    assert isinstance(outcome, Collected), outcome
    assert outcome.items[0].attributes()["balancer_pools"] == [
        "app 192.0.2.21:8080",
        "app 192.0.2.22:8080",
        "app app3.example.org:8080",
        "cluster 192.0.2.61:8080",
        "cluster 192.0.2.62:8080",
        "pg 192.0.2.51:5432",
        "reverse proxy 192.0.2.30:9000",
        "web 192.0.2.41:80",
        "web 192.0.2.42:80",
    ]
    told = {r.object["address"]: r.attributes for r in outcome.relations if isinstance(r.object, dict)}
    assert told["192.0.2.23"] == {
        "why": "balancer pool app",
        "evidence": "/etc/nginx/conf.d/lab.conf:5",
        "strength": "soft",
    }
    assert told["192.0.2.51"]["strength"] == "hard"
    assert len(told) == 9


def test_nginx_leaves_out_sockets_variables_and_comments() -> None:
    text = """
# upstream old { server 10.0.0.1; }
upstream a { server unix:/run/a.sock; server 10.0.0.2 weight=3; server $name; }
server { location / { proxy_pass http://a/x; }
  location /b { proxy_pass https://b.example.org; } # proxy_pass http://10.0.0.9;
  location /c { fastcgi_pass unix:/run/php.sock; }
  location /d { proxy_pass http://$backend; }
  location /e { uwsgi_pass 10.0.0.3:3031; } }
"""

    found = [(t.server, t.port, t.why, t.evidence) for t in parse_nginx({"/f": text})]

    assert found == [
        ("10.0.0.2", 80, "balancer pool a", "/f:3"),
        ("b.example.org", 443, "reverse proxy", "/f:5"),
        ("10.0.0.3", 3031, "reverse proxy", "/f:8"),
    ]


def test_haproxy_knows_sections_templates_and_families() -> None:
    text = """
frontend f
  server no 10.0.0.1:1
backend b # the one
  server a ipv4@10.0.0.2:80 check
  server s unix@/run/s.sock
  server-template t 1-3 10.0.0.4:8080 check
listen l
  server v "${HOST}:80"
  server w 10.0.0.5:81
"""

    assert [(t.server, t.port, t.why, t.hard) for t in parse_haproxy({"/f": text})] == [
        ("10.0.0.2", 80, "balancer pool b", False),
        ("10.0.0.4", 8080, "balancer pool b", False),
        ("10.0.0.5", 81, "balancer pool l", True),
    ]


def test_apache_in_blocks_and_in_one_line() -> None:
    text = """
BalancerMember balancer://x http://10.0.0.1:8080
ProxyPass "/app" "http://10.0.0.2/app"
ProxyPass /b balancer://x/
<Location /c>
  ProxyPass ajp://10.0.0.3/c
</Location>
#ProxyPass /d http://10.0.0.9/
"""

    assert [(t.server, t.port, t.why) for t in parse_apache({"/f": text})] == [
        ("10.0.0.1", 8080, "balancer pool x"),
        ("10.0.0.2", 80, "reverse proxy"),
        ("10.0.0.3", 8009, "reverse proxy"),
    ]


def test_a_host_without_a_balancer_has_none_and_one_that_can_not_be_read_fails() -> None:
    lack = {Files("/etc/haproxy/*.cfg"): {"/etc/haproxy/haproxy.cfg": Missing("denied", "no")}}

    assert isinstance(run(balancer_pools, made({})), NotApplicable)
    assert run(balancer_pools, made(lack)) == Failed("no")
    outcome = run(balancer_pools, made({Files("/etc/nginx/*.conf"): {"/etc/nginx/nginx.conf": Content(b"")}}))
    assert isinstance(outcome, Collected)
    assert outcome.items[0].attributes() == {"balancer_pools": []}
