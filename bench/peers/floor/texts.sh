# On the host: what both scripts know. Set before: site user head blob version secret.
folder=/home/$user/sites/$site
unit=/etc/systemd/system/gunicorn-$site.service
available=/etc/nginx/sites-available/$site
enabled=/etc/nginx/sites-enabled/$site
stamps=$folder/stamps
packages='nginx python3-venv git acl curl'

env_text="DJANGO_SECRET_KEY=$secret
ALLOWED_HOSTS=$site
DEBUG=no
DATABASE=$folder/database/db.sqlite3
STATIC_ROOT=$folder/static"

gunicorn_text="bind = \"unix:/run/gunicorn-$site/socket\"
workers = 2
timeout = 30
graceful_timeout = 10"

unit_text="[Unit]
Description=gunicorn for $site
After=network.target

[Service]
Type=notify
NotifyAccess=main
User=$user
WorkingDirectory=$folder/source
EnvironmentFile=$folder/env
RuntimeDirectory=gunicorn-$site
ExecStart=$folder/virtualenv/bin/gunicorn --config $folder/gunicorn.conf.py bench_site.wsgi:application
ExecReload=/bin/kill -HUP \$MAINPID
KillMode=mixed
Restart=always
PrivateTmp=yes

[Install]
WantedBy=multi-user.target"

nginx_text="server {
    listen 80;
    server_name $site;
    server_tokens off;

    # Where no other site is the default, this one is asked for any name.
    if (\$host != $site) {
        return 444;
    }

    location ~ /\\. {
        return 404;
    }

    location /static/ {
        alias $folder/static/;
    }

    location / {
        proxy_pass http://unix:/run/gunicorn-$site/socket;
        proxy_set_header Host \$host;
        proxy_set_header X-Forwarded-For \$remote_addr;
        proxy_set_header X-Forwarded-Proto \$scheme;
    }
}"

installed() {
    [ "$(dpkg-query -W -f='${db:Status-Abbrev}' $packages 2>/dev/null)" = 'ii ii ii ii ii ' ]
}

has_user() {
    case $(getent passwd "$user") in *:/bin/bash) ;; *) return 1 ;; esac
}

nginx_passes() {
    case $(getfacl -cp "/home/$user" 2>/dev/null) in *user:www-data:--x*) ;; *) return 1 ;; esac
}

# Everything that has an owner and a mode, in one process.
has_owners_and_modes() {
    [ "$(stat -c '%F %a %U' "/home/$user/sites" "$folder" "$folder/source" "$folder/database" "$folder/static" "$stamps" \
        "$folder/env" "$folder/gunicorn.conf.py" "$unit" "$available" 2>/dev/null)" = "directory 755 $user
directory 755 $user
directory 755 $user
directory 700 $user
directory 755 $user
directory 755 $user
regular file 600 $user
regular file 644 $user
regular file 644 root
regular file 644 root" ]
}

has_texts() {
    [ "$(cat "$folder/env" "$folder/gunicorn.conf.py" "$unit" "$available" 2>/dev/null)" = "$env_text
$gunicorn_text
$unit_text
$nginx_text" ]
}

site_enabled() {
    [ -L "$enabled" ] && [ "$enabled" -ef "$available" ]
}

no_default() {
    ! [ -L /etc/nginx/sites-enabled/welcome ] && ! [ -e /etc/nginx/sites-enabled/welcome ]
}

units() {
    systemctl show -p UnitFileState -p ActiveState -p NeedDaemonReload nginx.service "gunicorn-$site.service"
}

units_good='ActiveState=active
UnitFileState=enabled
NeedDaemonReload=no

ActiveState=active
UnitFileState=enabled
NeedDaemonReload=no'

# One process asks all five questions; what is not as it should be is told.
answers() {
    local told="%{http_code} %header{x-content-type-options} %header{server}\n"
    local found
    found=$(curl -s --max-time 20 -w "$told" -H "Host: $site" -o /dev/null --unix-socket "/run/gunicorn-$site/socket" http://localhost/ \
        --next -s --max-time 20 -w "$told" -H "Host: $site" http://127.0.0.1/ \
        --next -s --max-time 20 -w '%{http_code}\n' -H "Host: $site" -o /dev/null http://127.0.0.1/static/notes/notes.css \
        --next -s --max-time 20 -w '%{http_code}\n' -H "Host: $site" -o /dev/null http://127.0.0.1/.git/HEAD \
        --next -s --max-time 20 -w '%{http_code}\n' -H 'Host: unknown.invalid' http://127.0.0.1/) || : # the last one must fail
    case $found in
    "200 nosniff gunicorn
"*"version $version,"*"
200 nosniff nginx
200
404
000") ;;
    *)
        echo "answers: $found"
        return 1
        ;;
    esac
}
