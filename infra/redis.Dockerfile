FROM redis:8
COPY infra/redis.conf /usr/local/etc/redis.conf
# A new volume takes the owner of the folder it is mounted on; the image's own /data cannot be given away any more.
RUN mkdir /counters && chown 1000:1000 /counters
USER 1000:1000
WORKDIR /counters
CMD ["redis-server", "/usr/local/etc/redis.conf"]
