#!/usr/bin/env bash
# SPDX-FileCopyrightText: The libwsmulti authors
# SPDX-License-Identifier: GPL-3.0-or-later

# A stand-in for GNOME's runtime, where that cannot be fetched: org.gnome.Platform//48 and
# org.gnome.Sdk//48, made of the packages of Debian 13, which has the libraries of GNOME 48.
#
#   stand-in.sh FOLDER   makes FOLDER/repo, with both in it; as root

set -euo pipefail

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
version=48
arch=$(flatpak --default-arch)

# Of what GNOME's runtime has, what a program here makes use of.
platform='adwaita-icon-theme ca-certificates dconf-gsettings-backend fonts-cantarell
  fonts-dejavu-core fonts-wqy-microhei glib-networking gsettings-desktop-schemas libadwaita-1-0
  libgtk-4-1 libjson-glib-1.0-0 librsvg2-common libsoup-3.0-0 locales'
sdk='appstream appstream-compose ccache desktop-file-utils gcc gettext libadwaita-1-dev libc6-dev
  libglib2.0-dev-bin libgtk-4-bin libgtk-4-dev libjson-glib-dev libsoup-3.0-dev libxml2-utils meson
  ninja-build patch pkgconf shared-mime-info'
# One for each language of ours; LANGUAGE counts only where there is a locale.
locales='de_DE fr_FR zh_CN'

# flatpak-builder before 1.3.4 asks the SDK for this program, which AppStream has under another
# name. The catalogue goes where that version looks for it, in the app.
appstream_compose () {
  cat <<'END'
#!/bin/sh
set -e
for argument; do
  id=$argument
  case $argument in --basename=*) basename=${argument#*=} ;; esac
done
tree=$(mktemp -d)
cp -R /app/share "$tree"
mkdir -p "$tree/share/metainfo" /app/share/app-info/xmls /app/share/app-info/icons/flatpak
for file in "$tree"/share/appdata/*.appdata.xml; do
  mv "$file" "$tree/share/metainfo/$(basename "$file" .appdata.xml).metainfo.xml"
done
exec appstreamcli compose --no-net --prefix=/ --origin="$basename" --components="$id" \
  --result-root=/app --data-dir=/app/share/app-info/xmls \
  --icons-dir=/app/share/app-info/icons/flatpak "$tree"
END
}

# What Debian has and a runtime must not have, and the other way round.
tidy () {
  local files=$1

  rm -rf "$files"/share/{bug,debconf,doc,info,lintian,man} "$files"/lib/{apt,dpkg,systemd,udev} \
    "$files"/etc/{*shadow*,*-,hostname,machine-id,mtab,resolv.conf}
  # Meson takes lib/ARCHITECTURE for the libraries where this is, and lib64 where that is a folder.
  rm -f "$files/etc/debian_version"
  if [ -d "$files/lib64" ] && [ ! -L "$files/lib64" ]; then
    cp -a "$files/lib64/." "$files/lib/"
    rm -rf "${files:?}/lib64"
    ln -s lib "$files/lib64"
  fi
  # Flatpak looks for it in /app/bin and /usr/bin.
  [ -e "$files/bin/ldconfig" ] || ln -s ../sbin/ldconfig "$files/bin/ldconfig"
  printf '%s\n' /app/lib 'include /run/flatpak/ld.so.conf.d/app-*.conf' \
    'include /etc/ld.so.conf.d/*.conf' 'include /run/flatpak/ld.so.conf.d/runtime-*.conf' \
    >"$files/etc/ld.so.conf"

  find "$files" -xdev \( -type b -o -type c -o -type p -o -type s \) -delete
  find "$files" -xdev -type f -perm /6000 -exec chmod a-s {} +
  chmod -R u+rwX,go+rX,go-w "$files"
}

# export_runtime ID ROOT: the root is used up.
export_runtime () {
  local id=$1 root=$2 tree=$2.tree

  rm -rf "$tree"
  mkdir "$tree"
  mv "$root/usr" "$tree/files"
  mv "$root/etc" "$tree/files/etc"
  rm -rf --one-file-system "$root"
  tidy "$tree/files"
  cat >"$tree/metadata" <<END
[Runtime]
name=$id
runtime=org.gnome.Platform/$arch/$version
sdk=org.gnome.Sdk/$arch/$version

[Environment]
GI_TYPELIB_PATH=/app/lib/girepository-1.0
XDG_DATA_DIRS=/app/share:/usr/share:/usr/share/runtime/share
END
  flatpak build-export --runtime --files=files --disable-sandbox --disable-fsync \
    "$folder/repo" "$tree" "$version" >&2
  rm -rf "$tree"
}

[ $# = 1 ] || { sed -n '5,8s/^# \?//p' "${BASH_SOURCE[0]}" >&2; exit 2; }
folder=$1
mkdir -p "$folder"
cd "$folder"
rm -rf --one-file-system repo platform sdk ./*.tree

# shellcheck disable=SC2086 # the packages are words
"$top/.ci/debian.sh" make trixie "$folder/platform" $platform
for locale in $locales; do
  "$top/.ci/debian.sh" run "$folder/platform" "$top" \
    localedef -i "$locale" -f UTF-8 "$locale.UTF-8"
done
cp -a platform sdk
# shellcheck disable=SC2086
"$top/.ci/debian.sh" make trixie "$folder/sdk" $sdk
appstream_compose >sdk/usr/bin/appstream-compose
chmod +x sdk/usr/bin/appstream-compose

ostree init --repo=repo --mode=bare-user-only
export_runtime org.gnome.Platform "$folder/platform"
export_runtime org.gnome.Sdk "$folder/sdk"
