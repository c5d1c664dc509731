#!/usr/bin/env bash
# SPDX-FileCopyrightText: The libwsmulti authors
# SPDX-License-Identifier: GPL-3.0-or-later

# Another Debian in a folder, to build and test in.
#
#   debian.sh make SUITE FOLDER PACKAGE…   makes it, or adds what is missing; as root
#   debian.sh run FOLDER SOURCE COMMAND…   runs a command in it; SOURCE is there too, read-only,
#                                          under its own name, as is the working folder, which can
#                                          be written
#   debian.sh bare SUITE FOLDER            makes one with nothing but what is essential; as root
#   debian.sh root FOLDER PACKAGES COMMAND…
#                                          runs a command in it as its administrator, who may
#                                          install packages, in the working folder, which can be
#                                          written; as root. What is downloaded stays in PACKAGES
#   debian.sh boot FOLDER PACKAGES COMMAND…
#                                          likewise, while its own systemd runs there as the first
#                                          process
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
    --setenv PATH /usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "$@"
}

# bootstrap SUITE FOLDER
bootstrap () {
  local suite=$1 root=$2 source

  rm -rf --one-file-system "$root"
  mkdir -p "$root"
  source=$(mirror)
  debootstrap --variant=minbase "$suite" "$root" "$source" >&2
  # No daemon starts in there.
  printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d"
  chmod +x "$root/usr/sbin/policy-rc.d"
  # What a power failure spoils is made anew.
  echo force-unsafe-io >"$root/etc/dpkg/dpkg.cfg.d/quick"
  # The copy of a mirror may be older than its own promise.
  echo 'Acquire::Check-Valid-Until "false";' >"$root/etc/apt/apt.conf.d/99valid"
  echo "deb $source $suite main" >"$root/etc/apt/sources.list"
}

cmd_bare () {
  local suite=$1 root=$2

  if [ ! -d "$root" ]; then
    bootstrap "$suite" "$root.unfinished"
    rm -f "$root.unfinished"/var/cache/apt/archives/*.deb
    mv "$root.unfinished" "$root"
  fi
}

cmd_make () {
  local suite=$1 root=$2
  shift 2

  if [ ! -d "$root" ]; then
    bootstrap "$suite" "$root.unfinished"
    # Nobody reads manuals in there.
    printf 'path-exclude=/usr/share/%s/*\n' doc help info locale man \
      >"$root.unfinished/etc/dpkg/dpkg.cfg.d/slim"
    mv "$root.unfinished" "$root"
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

# enter_as_root ROOT PACKAGES [OPTION…] COMMAND…
enter_as_root () {
  local root=$1 packages=$2
  shift 2

  mkdir -p "$packages"
  # It has this machine's name, and finds it where every Debian that was installed does.
  enter "$root" --cap-add ALL --perms 0755 --tmpfs /run \
    --ro-bind /etc/resolv.conf /etc/resolv.conf --ro-bind-try /etc/hosts /etc/hosts \
    --bind "$packages" /var/cache/apt/archives --bind "$PWD" "$PWD" --chdir "$PWD" \
    --setenv HOME /root --setenv DEBIAN_FRONTEND noninteractive "$@"
}

cmd_root () {
  enter_as_root "$@"
}

cmd_boot () {
  local root=$1 packages=$2 group work status=0
  shift 2

  # All that it starts is in groups, and these in one that can be done away with.
  group=$(findmnt -n -t cgroup2 -o TARGET | head -n 1) || group=
  [ -n "$group" ] || { echo "boot: there are no control groups of version 2 here" >&2; return 1; }
  group=$group$(sed -n 's/^0:://p' /proc/self/cgroup)/booted.$$
  mkdir "$group"

  work=$(mktemp -d)
  touch "$work/console" "$work/said"
  printf '%q ' "$@" >"$work/command"
  cat >"$work/command.service" <<END
[Unit]
Wants=multi-user.target
After=multi-user.target
SuccessAction=exit-force
FailureAction=exit-force

[Service]
Type=oneshot
WorkingDirectory=$PWD
Environment=HOME=/root DEBIAN_FRONTEND=noninteractive
ExecStart=/bin/bash /run/command/command
StandardOutput=append:/run/command/said
StandardError=inherit
END

  # What is not the folder's but the machine's, it cannot change. Mounts are shared with what it
  # starts, as systemd is used to: credentials come that way.
  (
    echo "$BASHPID" >"$group/cgroup.procs"
    enter_as_root "$root" "$packages" --as-pid-1 --unshare-cgroup --unshare-ipc --unshare-uts \
      --ro-bind /proc/sys /proc/sys --tmpfs /sys/fs/cgroup --bind "$group" /sys/fs/cgroup \
      --bind "$work" /run/command --bind "$work/console" /dev/console \
      --perms 0755 --dir /run/systemd --perms 0755 --dir /run/systemd/system \
      --ro-bind "$work/command.service" /run/systemd/system/command.service \
      --ro-bind /dev/null /run/systemd/system/console-getty.service --setenv container bwrap \
      sh -c 'mount --make-rshared / && exec "$@"' sh \
      setpriv --bounding-set=-sys_boot,-sys_module,-sys_time \
      /lib/systemd/systemd --unit=command.service
  ) >&2 || status=$?

  cat "$work/said"
  [ "$status" = 0 ] || cat "$work/console" >&2
  find "$group" -depth -type d -exec rmdir {} \;
  rm -r "$work"
  return "$status"
}

case ${1-} in
  bare | boot | make | root | run) "cmd_$1" "${@:2}" ;;
  *) sed -n '5,21s/^# \?//p' "${BASH_SOURCE[0]}" >&2; exit 2 ;;
esac
