# syntax=docker/dockerfile:1
# The toolchain is the image's own: .dockerignore leaves rust-toolchain.toml out.
FROM rust:1.95-bookworm AS build
WORKDIR /build
COPY . .
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/build/target \
    cargo build --release --locked --features postgres-tls \
    && install -D -m 0755 target/release/musiman /out/usr/local/bin/musiman \
    && install -d -m 0700 -o 65534 -g 65534 /out/keys /out/var/lib/musiman

FROM debian:bookworm-slim
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
COPY --from=build /out /
# The OpenSSL inside the binary knows no path of this system.
ENV SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt \
    MUSIMAN_LISTEN=0.0.0.0:8080 \
    MUSIMAN_KEYS=/keys/musiman.keys
# It starts with MUSIMAN_TLS_CERT and its key, or with MUSIMAN_PLAIN=http behind a proxy.
# Without DATABASE_URL the service keeps SQLite files in data/ under this directory.
WORKDIR /var/lib/musiman
VOLUME ["/keys", "/var/lib/musiman"]
USER 65534:65534
EXPOSE 8080
# bash speaks TCP by itself, so the image needs no curl.
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s --retries=3 \
    CMD ["bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/8080 && printf 'GET /livez HTTP/1.0\\r\\n\\r\\n' >&3 && read -r line <&3 && [[ $line == *' 200 '* ]]"]
ENTRYPOINT ["musiman"]
CMD ["serve"]
