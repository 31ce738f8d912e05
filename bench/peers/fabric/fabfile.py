"""
    fab -S ssh_config -H web1 deploy --site … --project …
    fab -S ssh_config deploy-all --hosts web1,web2 --site … --project …

As docs.fabfile.org, "Getting started", has it: "the equivalent of `if not exists`" is a run with `warn=True`, whose `failed`
or `ok` is asked before something is done; a file is brought by `put` and unpacked by a run. Root's files are put into a
temporary one and installed with `sudo`, since SFTP knows no sudo. `-H` with several hosts takes one after the other; for all at
once there is ThreadingGroup, whose `run` brings one command to all hosts and waits for the slowest. What follows here depends on
what a host answered, so each of the group's connections has a thread for all of its commands, as the group has for one.
"""

import os
import subprocess
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from time import sleep

from fabric import ThreadingGroup, task
from invoke.exceptions import Exit
from jinja2 import Environment, FileSystemLoader
from paramiko import RejectPolicy

PACKAGES = "nginx python3-venv git acl curl"
TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent.parent / "templates"), keep_trailing_newline=True
)


@task
def deploy(c, site, project):
    check_host_key(c)
    Site(c, site, project).deploy()


@task
def deploy_all(c, hosts, site, project):
    group = ThreadingGroup(*hosts.split(","), config=c.config)

    def deploy_to(host):
        check_host_key(host)
        Site(host, site, project).deploy()

    with ThreadPoolExecutor(len(group)) as threads:
        list(threads.map(deploy_to, group))


def check_host_key(c):
    # A connection of Fabric's takes any key of a host that it does not know.
    for path in c.ssh_config["userknownhostsfile"].split():
        c.client.load_host_keys(os.path.expanduser(path))
    c.client.set_missing_host_key_policy(RejectPolicy())


class Site:
    def __init__(self, c, site, project):
        self.c = c
        self.site = site
        self.project = project
        self.user = c.user
        self.home = f"/home/{self.user}"
        self.folder = f"{self.home}/sites/{site}"
        self.head, self.blob = self.git("rev-parse", "HEAD", "HEAD:requirements.txt").decode().split()
        self.changes = 0

    def deploy(self):
        self.packages()
        self.user_and_folders()
        self.texts()
        self.nginx_site()
        self.application()
        self.units()
        self.answers()
        self.say(f"{self.changes} changed")

    def packages(self):
        # dpkg-query also succeeds for a package that was removed and has its configuration left.
        query = "dpkg-query -W -f='${db:Status-Abbrev}\\n' " + PACKAGES
        found = self.c.run(query, hide=True, warn=True)
        if found.failed or found.stdout.split() != ["ii"] * len(PACKAGES.split()):
            self.c.sudo("apt-get -qq update", hide=True)
            self.c.sudo(f"env DEBIAN_FRONTEND=noninteractive apt-get -qq install --no-install-recommends {PACKAGES}", hide=True)
            self.changed("packages")

    def user_and_folders(self):
        if not self.met(f"getent passwd {self.user} | grep -q ':/bin/bash$'"):
            self.c.sudo(f"usermod -s /bin/bash {self.user}")
            self.changed("user")
        if not self.met(f"getfacl -cp {self.home} | grep -q '^user:www-data:--x'"):
            self.c.sudo(f"setfacl -m u:www-data:--x {self.home}")
            self.changed("way through home")
        self.directory(f"{self.home}/sites")
        self.directory(self.folder)
        self.directory(f"{self.folder}/source")
        self.directory(f"{self.folder}/database", mode="700")
        self.directory(f"{self.folder}/static")
        self.directory(f"{self.folder}/stamps")

    def texts(self):
        unit = f"/etc/systemd/system/gunicorn-{self.site}.service"
        site = f"/etc/nginx/sites-available/{self.site}"
        started_with = [
            self.template("env.j2", f"{self.folder}/env", self.user, "600"),
            self.template("gunicorn.conf.py.j2", f"{self.folder}/gunicorn.conf.py", self.user, "644"),
        ]
        self.unit_changed = self.template("gunicorn.service.j2", unit, "root", "644")
        self.must_restart = self.unit_changed or any(started_with)
        self.nginx_changed = self.template("nginx.conf.j2", site, "root", "644")

    def nginx_site(self):
        available, enabled = f"/etc/nginx/sites-available/{self.site}", f"/etc/nginx/sites-enabled/{self.site}"
        if not self.met(f'[ "$(readlink {enabled})" = {available} ]'):
            self.c.sudo(f"ln -sfn {available} {enabled}")
            self.nginx_changed = True
            self.changed("site enabled")
        if not self.met("! [ -L /etc/nginx/sites-enabled/welcome ] && ! [ -e /etc/nginx/sites-enabled/welcome ]"):
            self.c.sudo("rm /etc/nginx/sites-enabled/welcome")
            self.nginx_changed = True
            self.changed("default site")

    def application(self):
        virtualenv, stamps = f"{self.folder}/virtualenv", f"{self.folder}/stamps"
        if not self.met(f"[ -x {virtualenv}/bin/python ]"):
            self.c.run(f"python3 -m venv {virtualenv}")
            self.changed("virtualenv")
        self.stamps = self.c.run(f"ls {stamps}", hide=True).stdout.split()
        if self.is_due("source", self.head):
            self.source()
        if self.is_due("requirements", self.blob):
            self.c.run(f"rm -f {stamps}/requirements-* {stamps}/started-*")
            self.c.run(f"{virtualenv}/bin/pip install -q --disable-pip-version-check -r {self.folder}/source/requirements.txt")
            self.done("requirements", self.blob)
            self.must_restart = True
        if self.is_due("migrated", self.head):
            self.manage("migrate --noinput -v 0")
            self.done("migrated", self.head)
        if self.is_due("collected", self.head):
            self.manage("collectstatic --noinput -v 0")
            self.done("collected", self.head)

    def source(self):
        stamps, archive = f"{self.folder}/stamps", f"{self.folder}/source.tar.gz"
        self.c.run(f"rm -f {stamps}/source-* {stamps}/migrated-* {stamps}/collected-* {stamps}/started-*")
        self.stamps = [stamp for stamp in self.stamps if stamp.startswith("requirements-")]
        self.c.put(BytesIO(self.git("archive", "--format=tar.gz", "HEAD")), archive)
        self.c.run(
            f"find {self.folder}/source -mindepth 1 -delete && tar -xzf {archive} -C {self.folder}/source && rm {archive}"
        )
        self.done("source", self.head)

    def units(self):
        gunicorn = f"gunicorn-{self.site}.service"
        if self.unit_changed:
            self.c.sudo("systemctl daemon-reload")
        for unit in ["nginx.service", gunicorn]:
            if not self.met(f"systemctl is-enabled -q {unit}"):
                self.c.sudo(f"systemctl -q enable {unit}")
                self.changed(f"{unit} enabled")
        if not self.met("systemctl is-active -q nginx.service"):
            self.c.sudo("systemctl start nginx.service")
            self.changed("nginx.service running")
        if self.must_restart or self.is_due("started", self.head):
            self.c.sudo(f"systemctl restart {gunicorn}")
            self.done("started", self.head)
        elif not self.met(f"systemctl is-active -q {gunicorn}"):
            self.c.sudo(f"systemctl start {gunicorn}")
            self.changed(f"{gunicorn} running")
        self.c.sudo("nginx -t -q")
        if self.nginx_changed:
            self.c.sudo("systemctl reload nginx.service")
            self.changed("nginx reloaded")

    def answers(self):
        # For a moment after its reload, old workers of nginx answer beside the new ones.
        tries = 30 if self.nginx_changed else 1
        while problems := self.problems():
            tries -= 1
            if tries == 0:
                raise Exit(f"{self.c.host}: not as it should be: {', '.join(problems)}", code=1)
            sleep(0.1)

    def problems(self):
        health = self.status("http://localhost/", f"--unix-socket /run/gunicorn-{self.site}/socket")
        asked = f"curl -si --max-time 20 -H 'Host: {self.site}' http://127.0.0.1/"
        page = self.c.run(asked, hide=True, warn=True).stdout.replace("\r", "")
        version = Path(self.project, "bench_site/version.py").read_text().split('"')[1]
        unknown = self.c.run("curl -s --max-time 20 -H 'Host: unknown.invalid' http://127.0.0.1/", hide=True, warn=True)
        facts = {
            "health": health == "200",
            "front page": page.startswith("HTTP/1.1 200 "),
            "version": f"version {version}," in page,
            "nosniff": "\nX-Content-Type-Options: nosniff\n" in page,
            "nginx's version": "\nServer: nginx\n" in page,
            "static file": self.status("http://127.0.0.1/static/notes/notes.css") == "200",
            "hidden file": self.status("http://127.0.0.1/.git/HEAD") == "404",
            "unknown name": unknown.exited == 52,
        }
        return [name for name, is_so in facts.items() if not is_so]

    def status(self, url, words=""):
        command = f"curl -sS --max-time 20 -H 'Host: {self.site}' -o /dev/null -w '%{{http_code}}' {words} {url}"
        return self.c.run(command, hide=True, warn=True).stdout

    def directory(self, path, mode="755"):
        if not self.met(f'[ "$(stat -c "%F %a %U" {path})" = "directory {mode} {self.user}" ]'):
            self.c.run(f"install -d -m {mode} {path}")
            self.changed(path)

    def template(self, name, path, owner, mode):
        text = TEMPLATES.get_template(name).render(
            site=self.site, site_user=self.user, folder=self.folder, secret_key=os.environ["SECRET_KEY"]
        )
        checksum = f"{sha256(text.encode()).hexdigest()}  {path}"
        if self.met(f'[ "$(stat -c "%a %U" {path})" = "{mode} {owner}" ] && echo "{checksum}" | sha256sum -c --status'):
            return False
        new = f"{self.folder}/new"
        self.c.run(f"install -m 600 /dev/null {new}")
        self.c.put(BytesIO(text.encode()), new)
        self.c.sudo(f"install -m {mode} -o {owner} -g {owner} {new} {path}")
        self.c.run(f"rm {new}")
        self.changed(path)
        return True

    def manage(self, words):
        self.c.run(f"cd {self.folder}/source && set -a && . ../env && ../virtualenv/bin/python manage.py {words}")

    def met(self, command):
        return self.c.run(command, hide=True, warn=True).ok

    def is_due(self, work, identity):
        return f"{work}-{identity}" not in self.stamps

    def done(self, work, identity):
        self.c.run(f"touch {self.folder}/stamps/{work}-{identity}")
        self.changed(work)

    def changed(self, what):
        self.say(f"changed: {what}")
        self.changes += 1

    def say(self, words):
        # With its newline in one piece: other threads print too.
        print(f"{self.c.host}: {words}\n", end="", flush=True)

    def git(self, *words):
        return subprocess.run(["git", "-C", self.project, *words], check=True, capture_output=True).stdout
