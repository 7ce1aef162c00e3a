FROM nats:2-alpine
COPY infra/nats.conf /etc/nats/nats.conf
# A new volume takes the owner of the folder it is mounted on.
RUN mkdir -p /data && chown 1000:1000 /data
USER 1000:1000
CMD ["-c", "/etc/nats/nats.conf"]
