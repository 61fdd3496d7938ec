# shellcheck shell=bash
# Sourced by ./dev: installs the packages of packages.txt that are missing.

missing_packages() {
  local wanted
  mapfile -t wanted < <(sed -e 's/#.*//' -e '/^ *$/d' packages.txt | sort -u)
  # One call, since each takes tens of milliseconds; it fails when it does not know one of them.
  { dpkg-query --show --showformat '${db:Status-Status} ${Package}\n' "${wanted[@]}" 2>/dev/null || true; } |
    sed -n 's/^installed //p' | sort -u | comm -13 - <(printf '%s\n' "${wanted[@]}")
}

# as_root COMMAND...
as_root() {
  if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo -- "$@"; fi
}

cannot_install() {
  cat >&2 <<MESSAGE
$1
Debian packages are missing. Install them as root, then run ./dev again:
  apt-get update && apt-get install --no-install-recommends $2
MESSAGE
  exit 1
}

apt() {
  as_root env DEBIAN_FRONTEND=noninteractive apt-get --quiet --yes -o DPkg::Lock::Timeout=300 "$@"
}

# Installing postgresql-15 makes and starts a cluster on port 5432 unless createcluster.conf says otherwise. That file is
# the user's; a file beside it, which it includes, says so for as long as this installation takes.
no_cluster=/etc/postgresql-common/createcluster.d/pawl-installs.conf
cluster_forbidden=no

forbid_cluster() {
  cluster_forbidden=yes
  as_root mkdir -p "$(dirname "$no_cluster")"
  echo 'create_main_cluster = false' | as_root tee "$no_cluster" >/dev/null
}

# Also runs when ./dev is interrupted.
allow_cluster() {
  [ $cluster_forbidden = yes ] || return 0
  as_root rm -f "$no_cluster"
  cluster_forbidden=no
}

install_packages() {
  [ -z "${PAWL_SKIP_INSTALL:-}" ] || return 0
  local missing
  if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
    cannot_install "./dev installs packages on Debian 12 only; PAWL_SKIP_INSTALL=1 goes on without." \
      "$(sed -e 's/#.*//' -e '/^ *$/d' packages.txt | tr '\n' ' ')"
  fi
  missing=$(missing_packages | tr '\n' ' ')
  [ -n "$missing" ] || return 0
  if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || cannot_install "This is not root, and there is no sudo." "$missing"
    sudo -n true 2>/dev/null || { [ -t 0 ] && sudo -v; } || cannot_install "This is not root, and sudo refused." "$missing"
  fi
  local log=build/install.log
  mkdir -p build
  forbid_cluster
  # Word splitting is meant: package names hold no blanks.
  # shellcheck disable=SC2086
  with_progress "Installing $(wc -w <<<"$missing") packages" "$log" apt_install $missing
  allow_cluster
}

apt_install() {
  apt update && apt install --no-install-recommends "$@"
}
