"""gunicorn's configuration for one release. The project's own gunicorn.conf.py is run first and keeps its say on
workers, timeouts and hooks; what this file sets below, it cannot undo. The unit's environment tells the rest:

    TASKS_SOCKET     the unix socket to listen on
    TASKS_RELEASE    what answers in the X-Release header of each response, such as "staging.example.com/8"
"""

import inspect
import os

_SOURCE = os.path.realpath(os.getcwd())
_RELEASE = os.environ["TASKS_RELEASE"]


def _projects_own():
    path = os.path.join(_SOURCE, "gunicorn.conf.py")
    names = {"__name__": "__config__", "__file__": path}
    if os.path.exists(path):
        with open(path, encoding="utf-8") as file:
            exec(compile(file.read(), path, "exec"), names)
    return {name: value for name, value in names.items() if not name.startswith("_")}


def _log(name):
    """Logs go to the journal, unless the project has a place for them that outlives the release, or wants none."""
    path = _theirs.get(name, "-")
    if path and path != "-" and os.path.realpath(path).startswith(_SOURCE + os.sep):
        return "-"
    return path


_theirs = _projects_own()
globals().update(_theirs)

# Where nginx finds us, and nobody else: the folder of the socket says who may enter, so the socket itself is open.
bind = "unix:" + os.environ["TASKS_SOCKET"]
umask = 0
reuse_port = False  # on a unix socket, recent kernels refuse it
certfile = keyfile = None
proxy_protocol = False

# systemd starts, watches and stops us.
daemon = False
pidfile = None
reload = False
chdir = _SOURCE
user = os.geteuid()
group = os.getegid()
control_socket_disable = True  # gunicorn 25.1 and later: all sites of a user would share one path

# Only nginx can connect, and it overwrites this one header on each request.
forwarded_allow_ips = "*"
secure_scheme_headers = {"X-FORWARDED-PROTO": "https"}

errorlog = _log("errorlog")
accesslog = _log("accesslog")
if "access_log_format" not in _theirs:
    access_log_format = '%({x-forwarded-for}i)s "%(r)s" %(s)s %(b)s %(M)sms "%(a)s"'

# One worker would make everybody wait for the slowest request.
if "workers" not in _theirs and "WEB_CONCURRENCY" not in os.environ:
    workers = min(1 + (os.cpu_count() or 1), 8)


def post_worker_init(worker):
    """After the project's own hook: each response says which release gave it. With preload_app too, for the release
    is that of the process that read this file."""
    if "post_worker_init" in _theirs:
        _theirs["post_worker_init"](worker)
    for attribute in ("wsgi", "asgi"):
        application = getattr(worker, attribute, None)
        if application is not None:
            is_async = inspect.iscoroutinefunction(application) or inspect.iscoroutinefunction(
                getattr(application, "__call__", None)
            )
            setattr(worker, attribute, (_asgi if is_async else _wsgi)(application))


def _wsgi(application):
    def told(environ, start_response):
        def start(status, headers, exc_info=None):
            kept = [header for header in headers if header[0].lower() != "x-release"]
            return start_response(status, kept + [("X-Release", _RELEASE)], exc_info)

        return application(environ, start)

    return told


def _asgi(application):
    async def told(scope, receive, send):
        async def say(message):
            if message["type"] == "http.response.start":
                kept = [header for header in message.get("headers", ()) if bytes(header[0]).lower() != b"x-release"]
                message = dict(message, headers=kept + [(b"x-release", _RELEASE.encode("ascii"))])
            await send(message)

        await application(scope, receive, say)

    return told
