"""
    pyinfra web1,web2 deploy.py -y --parallel 2

As docs.pyinfra.com has it: operations wherever there is one ("Using Operations"); a fact and an `if` for what is known before
anything is changed ("Using Facts"), `_if` with `any_changed` for what another operation's result decides ("Conditional
operations"); `--parallel` with as many as there are hosts, since by itself it takes twenty for each processor of the client; `-y` since "execute operations immediately … without checking for changes" reads each fact once and not twice.
What must be asked in the end (nginx -t, the requests) is a `server.shell`, which counts as a change in every run: its name
begins with "Ask".
"""

import subprocess
from io import BytesIO

from pyinfra import host
from pyinfra.facts.deb import DebPackages
from pyinfra.facts.files import FindFiles
from pyinfra.facts.server import Command
from pyinfra.operations import apt, files, pip, server, systemd
from pyinfra.operations.util import any_changed

PACKAGES = ["nginx", "python3-venv", "git", "acl", "curl"]

site, head, requirements = host.data.site, host.data.head, host.data.requirements
user = host.data.site_user
home = f"/home/{user}"
folder = f"{home}/sites/{site}"
stamps = f"{folder}/stamps"
virtualenv = f"{folder}/virtualenv"
gunicorn = f"gunicorn-{site}.service"
texts = {"site": site, "site_user": user, "folder": folder, "secret_key": host.data.secret_key}

# Packages

installed = host.get_fact(DebPackages)
if any(name not in installed for name in PACKAGES):
    apt.packages(name="Packages", packages=PACKAGES, update=True, no_recommends=True, _sudo=True)

# User and folders

server.user(name="User", user=user, home=home, shell="/bin/bash", _sudo=True)

if "user:www-data:--x" not in (host.get_fact(Command, command=f"getfacl -cp {home} || true") or ""):
    server.shell(name="Way through home", commands=f"setfacl -m u:www-data:--x {home}", _sudo=True)

for path, mode in [
    (f"{home}/sites", "755"),
    (folder, "755"),
    (f"{folder}/source", "755"),
    (f"{folder}/database", "700"),
    (f"{folder}/static", "755"),
    (stamps, "755"),
]:
    files.directory(name=f"Folder {path}", path=path, user=user, mode=mode)

# Templates

environment = files.template(
    name="Environment", src="../templates/env.j2", dest=f"{folder}/env", user=user, mode="600", **texts
)
configuration = files.template(
    name="gunicorn's configuration",
    src="../templates/gunicorn.conf.py.j2",
    dest=f"{folder}/gunicorn.conf.py",
    user=user,
    mode="644",
    **texts,
)
unit = files.template(
    name="gunicorn's unit",
    src="../templates/gunicorn.service.j2",
    dest=f"/etc/systemd/system/{gunicorn}",
    user="root",
    mode="644",
    _sudo=True,
    **texts,
)
nginx_site = files.template(
    name="nginx site",
    src="../templates/nginx.conf.j2",
    dest=f"/etc/nginx/sites-available/{site}",
    user="root",
    mode="644",
    _sudo=True,
    **texts,
)

# nginx

enabled = files.link(
    name="nginx site enabled",
    path=f"/etc/nginx/sites-enabled/{site}",
    target=f"/etc/nginx/sites-available/{site}",
    _sudo=True,
)
no_default = files.link(
    name="No default site",
    path="/etc/nginx/sites-enabled/welcome",
    present=False,
    force=True,
    force_backup=False,
    _sudo=True,
)

# The application

pip.venv(name="Virtualenv", path=virtualenv, python="python3")

found = {path.rpartition("/")[2] for path in host.get_fact(FindFiles, path=stamps)}
has_new_source = f"source-{head}" not in found
has_new_requirements = f"requirements-{requirements}" not in found

if has_new_source:
    server.shell(
        name="Remove the old source",
        commands=[
            f"rm -f {stamps}/source-* {stamps}/migrated-* {stamps}/collected-* {stamps}/started-*",
            f"find {folder}/source -mindepth 1 -delete",
        ],
    )
    archive = ["git", "-C", host.data.project, "archive", "--format=tar.gz", "HEAD"]
    files.put(
        name="Bring the source",
        src=BytesIO(subprocess.run(archive, check=True, capture_output=True).stdout),
        dest=f"{folder}/source.tar.gz",
    )
    server.shell(
        name="Unpack the source",
        commands=[
            f"tar -xzf {folder}/source.tar.gz -C {folder}/source",
            f"rm {folder}/source.tar.gz",
            f"touch {stamps}/source-{head}",
        ],
    )

if has_new_requirements:
    server.shell(name="Forget the old requirements", commands=f"rm -f {stamps}/requirements-* {stamps}/started-*")
    pip.packages(
        name="Requirements",
        requirements=f"{folder}/source/requirements.txt",
        virtualenv=virtualenv,
        extra_install_args="-q --disable-pip-version-check",
    )
    server.shell(name="Requirements done", commands=f"touch {stamps}/requirements-{requirements}")

manage = f"cd {folder}/source && set -a && . ../env && ../virtualenv/bin/python manage.py"
for work, words in [("migrated", "migrate --noinput -v 0"), ("collected", "collectstatic --noinput -v 0")]:
    if has_new_source or f"{work}-{head}" not in found:
        server.shell(name=f"Get it {work}", commands=[f"{manage} {words}", f"touch {stamps}/{work}-{head}"])

# Units

systemd.daemon_reload(name="Daemon reload", _if=unit.did_change, _sudo=True)
systemd.service(name="nginx runs", service="nginx", running=True, enabled=True, _sudo=True)

is_due = has_new_source or has_new_requirements or f"started-{head}" not in found
must_restart = any_changed(environment, configuration, unit)
systemd.service(
    name="gunicorn restarted",
    service=gunicorn,
    restarted=True,
    _if=lambda: is_due or must_restart(),
    _sudo=True,
)
if is_due:
    server.shell(name="gunicorn started", commands=f"touch {stamps}/started-{head}")
systemd.service(name="gunicorn runs", service=gunicorn, running=True, enabled=True, _sudo=True)

server.shell(name="Ask nginx for its configuration", commands="nginx -t -q", _sudo=True)
systemd.service(
    name="nginx reloaded",
    service="nginx",
    reloaded=True,
    _if=any_changed(nginx_site, enabled, no_default),
    _sudo=True,
)

# Health and verify

ask = f"curl -sS --max-time 20 -H 'Host: {site}'"
status = "-o /dev/null -w '%{http_code}'"
local = "http://127.0.0.1"
server.shell(
    name="Ask the site",
    commands=[
        f'[ "$({ask} {status} --unix-socket /run/gunicorn-{site}/socket http://localhost/)" = 200 ]',
        f"page=$({ask} -i {local}/ | tr -d '\\r')"
        " && echo \"$page\" | grep -q '^HTTP/1.1 200 '"
        f" && echo \"$page\" | grep -qF 'version {host.data.version},'"
        " && echo \"$page\" | grep -qx 'X-Content-Type-Options: nosniff'"
        " && echo \"$page\" | grep -qx 'Server: nginx'",
        f'[ "$({ask} {status} {local}/static/notes/notes.css)" = 200 ]',
        f'[ "$({ask} {status} {local}/.git/HEAD)" = 404 ]',
        f"curl -s --max-time 20 -H 'Host: unknown.invalid' {local}/; [ $? = 52 ]",
    ],
    # For a moment after its reload, old workers of nginx answer beside the new ones.
    _retries=30,
    _retry_delay=0.1,
)
