# Builds the page and serves it at http://localhost:8080, without anything installed but Docker:
#   docker build --tag resnette .
#   docker run --rm --publish 127.0.0.1:8080:8080 resnette
# `resnette serve` answers its own computer only, and a container is another one; so Caddy serves here.
FROM rust:1.95-bookworm AS build
WORKDIR /resnette
COPY . .
RUN cargo xtask build

FROM caddy:2-alpine
COPY --from=build /resnette/dist /page
# The headers are those of crates/static-host/src/headers.rs.
COPY <<'END' /etc/caddy/Caddyfile
:8080 {
	root * /page
	header {
		Cache-Control no-cache
		Content-Security-Policy "frame-ancestors 'self'"
		Cross-Origin-Embedder-Policy require-corp
		Cross-Origin-Opener-Policy same-origin
		Cross-Origin-Resource-Policy same-origin
		X-Content-Type-Options nosniff
	}
	header /manifest.webmanifest Content-Type application/manifest+json
	file_server {
		precompressed br gzip
	}
}
END

EXPOSE 8080
