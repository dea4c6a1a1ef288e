#!/bin/bash
# Makes local stand-ins for the public base images (same names and tags) from Debian's packages, for machines that can
# install packages but cannot pull images. The stand-ins honour what compose.yaml asks of the official images: their
# variables, users, paths and entry points, no more.
#
#   integration_tests/offline_images.sh            make whichever image is missing
#   AGORA_IMAGE_CACHE=DIR                          where the bootstrapped roots are kept between runs
set -euo pipefail

CACHE=${AGORA_IMAGE_CACHE:-/var/cache/agora-images}
SUITE=bookworm
PYTHON_IMAGE=${AGORA_PYTHON_IMAGE:-python:3.11-slim-bookworm}
POSTGRES_IMAGE=${AGORA_POSTGRES_IMAGE:-postgres:17-bookworm}
REDIS_IMAGE=${AGORA_REDIS_IMAGE:-redis:7-bookworm}

have() { docker image inspect "$1" >/dev/null 2>&1; }

# bootstrap NAME PACKAGE…: a minimal root with these packages, made once and cached as a tar file.
bootstrap() {
    local name=$1; shift
    local tar=$CACHE/$name.tar
    if [ ! -s "$tar" ]; then
        mkdir -p "$CACHE"
        local root; root=$(mktemp -d "$CACHE/$name.XXXXXX")
        local include; include=$(IFS=,; echo "$*")
        debootstrap --variant=minbase --include="ca-certificates,$include" $SUITE "$root" >"$CACHE/$name.log" 2>&1 \
            || { tail -20 "$CACHE/$name.log" >&2; exit 1; }
        as_this_machine_reaches_packages "$root"
        rm -rf "$root"/var/cache/apt/archives/*.deb "$root"/var/lib/apt/lists/* "$root"/usr/share/doc/*
        tar -C "$root" --exclude=./dev/* --exclude=./proc/* --exclude=./sys/* -cf "$tar.part" .
        mv "$tar.part" "$tar"
        rm -rf "$root"
    fi
    echo "$tar"
}

# The certificate authorities and package indexes this machine uses, so that pip inside a build reaches them too.
as_this_machine_reaches_packages() {
    local root=$1
    cp /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/ca-certificates.crt"
    printf '[global]\ncert = /etc/ssl/certs/ca-certificates.crt\n' > "$root/etc/pip.conf"
}

# import IMAGE TAR CHANGE…: the root as an image, with Dockerfile instructions for what runs.
import() {
    local image=$1 tar=$2; shift 2
    local changes=() change
    for change in "$@"; do changes+=(--change "$change"); done
    docker import "${changes[@]}" "$tar" "$image" >/dev/null
    echo "made $image"
}

make_python() {
    local tar; tar=$(bootstrap python python3 python3-venv)
    import agora-offline/python-root "$tar"
    local build; build=$(mktemp -d)
    cat > "$build/Dockerfile" <<'DOCKER'
FROM agora-offline/python-root
RUN ln -s /usr/bin/python3 /usr/local/bin/python3 && ln -s /usr/bin/python3 /usr/local/bin/python
ENV PATH=/usr/local/bin:/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin
CMD ["python3"]
DOCKER
    docker build -q -t "$PYTHON_IMAGE" "$build" >/dev/null
    rm -rf "$build"
    echo "made $PYTHON_IMAGE"
}

make_postgres() {
    local tar; tar=$(bootstrap postgres postgresql-15)
    import agora-offline/postgres-root "$tar"
    local build; build=$(mktemp -d)
    # What the official image does with these variables on a first start: initialise, set the password, make the database.
    cat > "$build/entrypoint" <<'ENTRY'
#!/bin/bash
set -eu
export PATH=/usr/lib/postgresql/15/bin:$PATH PGDATA=${PGDATA:-/var/lib/postgresql/data}
user=${POSTGRES_USER:-postgres}; database=${POSTGRES_DB:-$user}
if [ "$(id -u)" = 0 ]; then
    mkdir -p "$PGDATA" /var/run/postgresql
    chown -R postgres "$PGDATA" /var/run/postgresql; chmod 700 "$PGDATA"
    exec setpriv --reuid postgres --regid postgres --init-groups "$0" "$@"
fi
if [ ! -s "$PGDATA/PG_VERSION" ]; then
    password=${POSTGRES_PASSWORD_FILE:+$(cat "$POSTGRES_PASSWORD_FILE")}; password=${password:-${POSTGRES_PASSWORD:?}}
    initdb --username="$user" --pwfile=<(printf '%s\n' "$password") --auth-host=scram-sha-256 --encoding=UTF8 --locale=C.UTF-8 >/dev/null
    echo "host all all all scram-sha-256" >> "$PGDATA/pg_hba.conf"
    pg_ctl -w start -o "-c listen_addresses=''" >/dev/null
    [ "$database" = postgres ] || createdb --username="$user" "$database"
    pg_ctl -w stop >/dev/null
fi
exec "$@" -c listen_addresses='*'
ENTRY
    cat > "$build/Dockerfile" <<'DOCKER'
FROM agora-offline/postgres-root
COPY entrypoint /usr/local/bin/docker-entrypoint.sh
RUN chmod 755 /usr/local/bin/docker-entrypoint.sh && ln -s /usr/lib/postgresql/15/bin/* /usr/local/bin/ \
    && mkdir -p /var/lib/postgresql/data && chown postgres /var/lib/postgresql/data
ENV PATH=/usr/local/bin:/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin PGDATA=/var/lib/postgresql/data
VOLUME /var/lib/postgresql/data
STOPSIGNAL SIGINT
ENTRYPOINT ["docker-entrypoint.sh"]
CMD ["postgres"]
DOCKER
    docker build -q -t "$POSTGRES_IMAGE" "$build" >/dev/null
    rm -rf "$build"
    echo "made $POSTGRES_IMAGE"
}

make_redis() {
    local tar; tar=$(bootstrap redis redis-server)
    import "$REDIS_IMAGE" "$tar" \
        'ENV PATH=/usr/local/bin:/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin' \
        'WORKDIR /data' 'USER redis' 'CMD ["redis-server", "--bind", "*", "--protected-mode", "no"]'
}

have "$PYTHON_IMAGE" || make_python
have "$POSTGRES_IMAGE" || make_postgres
have "$REDIS_IMAGE" || make_redis
