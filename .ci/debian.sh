#!/usr/bin/env bash
# SPDX-FileCopyrightText: The libwsmulti authors
# SPDX-License-Identifier: GPL-3.0-or-later

# Another Debian in a folder, to build and test in.
#
#   debian.sh make SUITE FOLDER PACKAGE…   makes it, or adds what is missing; as root
#   debian.sh run FOLDER SOURCE COMMAND…   runs a command in it; SOURCE is there too, read-only,
#                                          under its own name, as is the working folder, which can
#                                          be written
#
# Nothing stays mounted: bubblewrap makes a view of it for each command.

set -euo pipefail

# mirror: where this machine gets its own packages from.
mirror () {
  local uri
  # shellcheck disable=SC2016 # for apt
  uri=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' |
    grep -v security | grep -m 1 debian) || uri=http://deb.debian.org/debian
  printf '%s' "$uri"
}

enter () {
  local root=$1
  shift
  bwrap --bind "$root" / --proc /proc --dev /dev --perms 1777 --tmpfs /tmp --ro-bind /sys /sys \
    --die-with-parent --unshare-pid --clearenv --setenv LANG C.UTF-8 \
    --setenv PATH /usr/sbin:/usr/bin:/sbin:/bin "$@"
}

cmd_make () {
  local suite=$1 root=$2 unfinished=$2.unfinished source
  shift 2

  if [ ! -d "$root" ]; then
    rm -rf --one-file-system "$unfinished"
    mkdir -p "$unfinished"
    source=$(mirror)
    debootstrap --variant=minbase "$suite" "$unfinished" "$source" >&2
    # No daemon starts in there, and nobody reads manuals.
    printf '#!/bin/sh\nexit 101\n' >"$unfinished/usr/sbin/policy-rc.d"
    chmod +x "$unfinished/usr/sbin/policy-rc.d"
    printf 'path-exclude=/usr/share/%s/*\n' doc help info locale man \
      >"$unfinished/etc/dpkg/dpkg.cfg.d/slim"
    # The copy of a mirror may be older than its own promise.
    echo 'Acquire::Check-Valid-Until "false";' >"$unfinished/etc/apt/apt.conf.d/99valid"
    echo "deb $source $suite main" >"$unfinished/etc/apt/sources.list"
    mv "$unfinished" "$root"
  fi

  # Without a word to the network if all is there.
  # shellcheck disable=SC2016 # for the shell inside
  enter "$root" --cap-add ALL --ro-bind /etc/resolv.conf /etc/resolv.conf \
    --setenv DEBIAN_FRONTEND noninteractive \
    sh -ec '
      dpkg-query -W -f "${Status}\n" "$@" 2>/dev/null >/tmp/status || :
      [ "$(grep -c "ok installed" /tmp/status)" != $# ] || exit 0
      apt-get -qq update
      apt-get -qq -o Dpkg::Use-Pty=0 install --no-install-recommends "$@"
      apt-get clean' sh "$@" >&2 </dev/null
}

cmd_run () {
  local root=$1 source=$2
  shift 2

  enter "$root" --perms 1777 --tmpfs /run --perms 0700 --dir /run/user \
    --ro-bind "$source" "$source" --bind "$PWD" "$PWD" --chdir "$PWD" \
    --setenv HOME /tmp --setenv XDG_RUNTIME_DIR /run/user "$@"
}

case ${1-} in
  make | run) "cmd_$1" "${@:2}" ;;
  *) sed -n '5,12s/^# \?//p' "${BASH_SOURCE[0]}" >&2; exit 2 ;;
esac
