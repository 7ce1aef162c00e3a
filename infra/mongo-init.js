// Runs once, on an empty data folder, as the root user. Readers get users of their own beside this writer.
db.getSiblingDB("admin").createUser({
  user: "tracker",
  pwd: process.env.TRACKER_DB_PASSWORD,
  roles: [
    { role: "readWrite", db: process.env.MONGO_INITDB_DATABASE },
    { role: "dbAdmin", db: process.env.MONGO_INITDB_DATABASE },
  ],
});
