# On the host, after texts.sh and archive(): the forty facts, made where they are not.
# In braces: the shell has read all of it before it begins, and no program can take the rest of it for its input.
{
    set -e
    count=0
    changed() {
        echo "changed: $1"
        count=$((count + 1))
    }

    as_user() {
        sudo -Hu "$user" "$@"
    }

    manage() {
        as_user sh -ec 'cd "$1/source"; set -a; . "$1/env"; shift; exec ../virtualenv/bin/python manage.py "$@"' sh "$folder" "$@"
    }

    if ! installed; then
        export DEBIAN_FRONTEND=noninteractive
        apt-get -qq update
        apt-get -qq install --no-install-recommends $packages >/dev/null
        changed packages
    fi

    if ! has_user; then
        id -u "$user" >/dev/null 2>&1 || useradd -m "$user"
        usermod -s /bin/bash "$user"
        changed user
    fi

    if ! nginx_passes; then
        setfacl -m u:www-data:--x "/home/$user"
        changed 'way through home'
    fi

    must_restart=
    must_reload=

    if ! has_owners_and_modes || ! has_texts; then
        install -d -o "$user" -g "$user" -m 755 "/home/$user/sites" "$folder" "$folder/source" "$folder/static" "$stamps"
        install -d -o "$user" -g "$user" -m 700 "$folder/database"
        write() {
            if [ -e "$1" ] && [ "$(cat "$1")" = "$3" ]; then
                chown "$2" "$1" && chmod "$4" "$1"
                return 1
            fi
            (umask 077 && printf '%s\n' "$3" >"$1.new" && chown "$2" "$1.new" && chmod "$4" "$1.new" && mv "$1.new" "$1")
        }
        if write "$folder/env" "$user:$user" "$env_text" 600; then must_restart=y; fi
        if write "$folder/gunicorn.conf.py" "$user:$user" "$gunicorn_text" 644; then must_restart=y; fi
        if write "$unit" root:root "$unit_text" 644; then must_restart=y; fi
        if write "$available" root:root "$nginx_text" 644; then must_reload=y; fi
        if [ "$must_restart" ]; then rm -f "$stamps"/started-*; fi
        changed 'folders and texts'
    fi

    if ! site_enabled; then
        ln -sfn "$available" "$enabled"
        must_reload=y
        changed 'site enabled'
    fi

    if ! no_default; then
        rm /etc/nginx/sites-enabled/welcome
        must_reload=y
        changed 'default site'
    fi

    if ! [ -x "$folder/virtualenv/bin/python" ]; then
        as_user python3 -m venv "$folder/virtualenv"
        changed virtualenv
    fi

    if ! [ -e "$stamps/source-$head" ]; then
        rm -f "$stamps"/source-* "$stamps"/migrated-* "$stamps"/collected-* "$stamps"/started-*
        find "$folder/source" -mindepth 1 -delete
        archive | as_user tar -xz -C "$folder/source"
        as_user touch "$stamps/source-$head"
        changed source
    fi

    if ! [ -e "$stamps/requirements-$blob" ]; then
        rm -f "$stamps"/requirements-* "$stamps"/started-*
        as_user "$folder/virtualenv/bin/pip" install -q --disable-pip-version-check -r "$folder/source/requirements.txt"
        as_user touch "$stamps/requirements-$blob"
        changed requirements
    fi

    if ! [ -e "$stamps/migrated-$head" ]; then
        manage migrate --noinput -v 0
        as_user touch "$stamps/migrated-$head"
        changed migrate
    fi

    if ! [ -e "$stamps/collected-$head" ]; then
        manage collectstatic --noinput -v 0
        as_user touch "$stamps/collected-$head"
        changed collectstatic
    fi

    state=$(units)
    case $state in
    *NeedDaemonReload=yes*)
        systemctl daemon-reload
        changed daemon-reload
        ;;
    esac
    nginx -t -q
    if [ "$state" != "$units_good" ]; then
        systemctl -q enable nginx.service "gunicorn-$site.service"
        systemctl start nginx.service
        changed units
    fi

    if ! [ -e "$stamps/started-$head" ]; then
        systemctl restart "gunicorn-$site.service"
        as_user touch "$stamps/started-$head"
        changed gunicorn
    elif [ "$state" != "$units_good" ]; then
        systemctl start "gunicorn-$site.service"
    fi

    if [ "$must_reload" ]; then
        systemctl reload nginx.service
        changed 'nginx reloaded'
        # For a moment old workers answer beside the new ones.
        tries=0
        until answers >/dev/null || [ $((tries += 1)) = 30 ]; do sleep 0.1; done
    fi

    answers
    echo "$count changed"
} </dev/null
