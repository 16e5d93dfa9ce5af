# Make sure that there is a Chromium for the tests of the page: install Debian's, or say what to do.
for name in chromium chromium-browser google-chrome google-chrome-stable; do
    command -v "$name" >/dev/null && exit 0
done
if command -v apt-get >/dev/null && [ "$(id -u)" = 0 ]; then
    echo "Installing Chromium, in which the page is tested"
    apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium >/dev/null && exit 0
fi
echo "There is no Chromium on the PATH. Install it: apt-get install chromium (as root), or Chrome." >&2
exit 1
