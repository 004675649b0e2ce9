// td-client-java, which td-pyspark brings, against the emulator. Prints a line of JSON per operation:
//   java -cp td-spark-assembly.jar Judge.java URL KEY

import com.treasuredata.client.TDClient;
import com.treasuredata.client.TDClientHttpConflictException;
import com.treasuredata.client.TDClientHttpException;
import com.treasuredata.client.TDClientHttpNotFoundException;
import com.treasuredata.client.TDClientHttpUnauthorizedException;
import com.treasuredata.client.model.TDBulkImportSession;
import com.treasuredata.client.model.TDColumn;
import com.treasuredata.client.model.TDColumnType;
import com.treasuredata.client.model.TDExportResultJobRequest;
import com.treasuredata.client.model.TDJob;
import com.treasuredata.client.model.TDJobRequest;
import com.treasuredata.client.model.TDJobRequestBuilder;
import com.treasuredata.client.model.TDResultFormat;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.net.URI;
import java.nio.file.Files;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Function;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;

public class Judge {
    static final String DB = "java_judge";
    static final String SQL = "SELECT COUNT(1) AS cnt FROM customers";
    /** The row [3] in MessagePack. */
    static final byte[] THREE = {(byte) 0x91, 3};
    static URI url;
    static TDClient td;

    public static void main(String[] args) throws Exception {
        url = URI.create(args[0]);
        td = client(args[1]);
        databases();
        tables();
        jobs();
        imports();
        account();
        operation("databases: delete", () -> { td.deleteDatabase(DB); return !td.existsDatabase(DB); });
        operation("databases: delete twice", () -> isRefused(TDClientHttpNotFoundException.class, () -> td.deleteDatabase(DB)));
        operation("databases: delete if there", () -> done(() -> td.deleteDatabaseIfExists(DB)));
        System.exit(0);
    }

    static TDClient client(String key) {
        return TDClient.newBuilder(false).setEndpoint(url.getHost()).setPort(url.getPort()).setUseSSL(false)
            .setApiKey(key).setRetryLimit(0).build();
    }

    static void databases() {
        operation("system: server status", () -> td.serverStatus().contains("ok"));
        operation("databases: create", () -> done(() -> td.createDatabase(DB)));
        operation("databases: create twice", () -> isRefused(TDClientHttpConflictException.class, () -> td.createDatabase(DB)));
        operation("databases: create if missing", () -> done(() -> td.createDatabaseIfNotExists(DB)));
        operation("databases: list names", () -> td.listDatabaseNames().contains(DB));
        operation("databases: list", () -> td.listDatabases().stream().anyMatch(one -> one.getName().equals(DB)));
        operation("databases: show", () -> td.showDatabase("shop").getName().equals("shop"));
        operation("databases: exists", () -> td.existsDatabase(DB) && !td.existsDatabase("missing"));
        operation("databases: a wrong key", () -> isRefused(TDClientHttpUnauthorizedException.class, () -> client("1/0000000000000000000000000000000000000000").listDatabases()));
    }

    static void tables() {
        List<TDColumn> columns = List.of(new TDColumn("n", TDColumnType.LONG), new TDColumn("s", TDColumnType.STRING));
        operation("tables: create", () -> done(() -> td.createTable(DB, "one")));
        operation("tables: create twice", () -> isRefused(TDClientHttpConflictException.class, () -> td.createTable(DB, "one")));
        operation("tables: create with an idempotent key", () -> done(() -> { td.createTable(DB, "keyed", "k"); td.createTable(DB, "keyed", "k"); }));
        operation("tables: create if missing", () -> done(() -> td.createTableIfNotExists(DB, "one")));
        operation("tables: list", () -> td.listTables(DB).size() == 2);
        operation("tables: show", () -> td.showTable("shop", "customers").getRowCount() == 3);
        operation("tables: exists", () -> td.existsTable(DB, "one") && !td.existsTable(DB, "missing"));
        operation("tables: update schema", () -> { td.updateTableSchema(DB, "one", columns); return td.showTable(DB, "one").getColumns().size() == 2; });
        operation("tables: repeated column", () -> isRefused(TDClientHttpException.class, () -> td.updateTableSchema(DB, "one", List.of(columns.get(0), columns.get(0)))));
        operation("tables: repeated column ignored", () -> done(() -> td.updateTableSchema(DB, "one", List.of(columns.get(0), columns.get(1), columns.get(1)), true)));
        operation("tables: append schema", () -> { td.appendTableSchema(DB, "one", List.of(new TDColumn("d", TDColumnType.DOUBLE))); return td.showTable(DB, "one").getColumns().size() == 3; });
        operation("tables: rename", () -> { td.renameTable(DB, "one", "two"); return td.existsTable(DB, "two"); });
        operation("tables: rename to a name that is taken", () -> isRefused(TDClientHttpConflictException.class, () -> td.renameTable(DB, "two", "keyed")));
        operation("tables: rename with overwrite", () -> { td.renameTable(DB, "two", "keyed", true); return !td.existsTable(DB, "two"); });
        operation("tables: swap", () -> { td.createTable(DB, "two"); td.swapTables(DB, "keyed", "two"); return td.showTable(DB, "two").getColumns().size() == 3; });
        operation("tables: distribution of a plain table", () -> !td.tableDistribution(DB, "two").isPresent());
        operation("tables: delete", () -> { td.deleteTable(DB, "keyed"); return !td.existsTable(DB, "keyed"); });
        operation("tables: delete twice", () -> isRefused(TDClientHttpNotFoundException.class, () -> td.deleteTable(DB, "keyed")));
        operation("tables: delete if there", () -> done(() -> td.deleteTableIfExists(DB, "keyed")));
    }

    static void jobs() {
        operation("jobs: Presto query", () -> run(TDJobRequest.newPrestoQuery("shop", SQL)).getStatus() == TDJob.Status.SUCCESS);
        operation("jobs: Hive query", () -> run(TDJobRequest.newHiveQuery("shop", SQL)).getStatus() == TDJob.Status.SUCCESS);
        operation("jobs: status", () -> td.jobStatus(run(TDJobRequest.newPrestoQuery("shop", SQL)).getJobId()).getStatus() == TDJob.Status.SUCCESS);
        operation("jobs: show", () -> run(TDJobRequest.newPrestoQuery("shop", SQL)).getResultSchema().equals(java.util.Optional.of("[[\"cnt\", \"bigint\"]]")));
        operation("jobs: show an unknown job", () -> isRefused(TDClientHttpNotFoundException.class, () -> td.jobInfo("7")));
        operation("jobs: list", () -> td.listJobs(0, 1).getJobs().size() == 2);
        operation("jobs: list all", () -> !td.listJobs().getJobs().isEmpty());
        operation("jobs: kill", () -> { String id = td.submit(TDJobRequest.newPrestoQuery("shop", "SELECT COUNT(1) FROM page_views a, page_views b")); td.killJob(id); return ended(id).getStatus() == TDJob.Status.KILLED; });
        operation("jobs: domain key twice", () -> { TDJobRequest once = keyed("java-judge"); String first = td.submit(once); try { td.submit(once); return false; } catch (TDClientHttpConflictException e) { return e.getConflictsWith().get().equals(first); } });
        operation("jobs: status by domain key", () -> td.jobStatusByDomainKey("java-judge").getJobId() != null);
        operation("jobs: wrong engine version", () -> isRefused(TDClientHttpException.class, () -> td.submit(new TDJobRequestBuilder().setType(TDJob.Type.PRESTO).setDatabase("shop").setQuery(SQL).setEngineVersion(TDJob.EngineVersion.fromString("wrong")).createTDJobRequest())));
        operation("jobs: wrong pool", () -> isRefused(TDClientHttpException.class, () -> td.submit(new TDJobRequestBuilder().setType(TDJob.Type.PRESTO).setDatabase("shop").setQuery(SQL).setPoolName("wrong").createTDJobRequest())));
        operation("jobs: a failed query tells why", () -> ended(td.submit(TDJobRequest.newPrestoQuery("shop", "SELECT * FROM missing"))).getStdErr().contains("does not exist"));
        operation("results: json", () -> text(TDResultFormat.JSON).equals("[3]"));
        operation("results: csv", () -> text(TDResultFormat.CSV).equals("3"));
        operation("results: tsv", () -> text(TDResultFormat.TSV).equals("3"));
        operation("results: msgpack", () -> java.util.Arrays.equals(result(SQL, TDResultFormat.MESSAGE_PACK), THREE));
        operation("results: msgpack.gz", () -> java.util.Arrays.equals(gunzip(result(SQL, TDResultFormat.MESSAGE_PACK_GZ)), THREE));
        operation("results: none of an INSERT", () -> isRefused(TDClientHttpNotFoundException.class, () -> result("INSERT INTO " + DB + ".two SELECT 1 AS n", TDResultFormat.CSV)));
        operation("results: output to a table", () -> { run(TDJobRequest.newPrestoQuery("shop", SQL, "td://@/" + DB + "/written?mode=append")); return td.showTable(DB, "written").getRowCount() == 1; });
        operation("results: export of a finished job", () -> { String id = run(TDJobRequest.newPrestoQuery("shop", SQL)).getJobId(); String export = td.submitResultExportJob(TDExportResultJobRequest.builder().jobId(id).resultOutput("td://@/" + DB + "/exported?mode=append").build()); return ended(export).getStatus() == TDJob.Status.SUCCESS && td.existsTable(DB, "exported"); });
    }

    static void imports() throws Exception {
        byte[] rows = part();
        File file = File.createTempFile("part", ".msgpack.gz");
        Files.write(file.toPath(), rows);
        operation("import: streaming", () -> td.importFile(DB, "two", file).getTableName().equals("two"));
        operation("import: streaming with an id", () -> td.importBytes(DB, "two", rows, "once").getUniqueId().equals("once"));
        operation("bulk import: create", () -> done(() -> td.createBulkImportSession("java_judge", DB, "two")));
        operation("bulk import: create twice", () -> isRefused(TDClientHttpConflictException.class, () -> td.createBulkImportSession("java_judge", DB, "two")));
        operation("bulk import: list", () -> td.listBulkImportSessions().stream().anyMatch(one -> one.getName().equals("java_judge")));
        operation("bulk import: upload parts", () -> done(() -> { td.uploadBulkImportPart("java_judge", "a", file); td.uploadBulkImportPart("java_judge", "b", file); }));
        operation("bulk import: list parts", () -> td.listBulkImportParts("java_judge").equals(List.of("a", "b")));
        operation("bulk import: freeze and unfreeze", () -> { td.freezeBulkImportSession("java_judge"); boolean frozen = td.getBulkImportSession("java_judge").isUploadFrozen(); td.unfreezeBulkImportSession("java_judge"); return frozen; });
        operation("bulk import: perform", () -> { td.freezeBulkImportSession("java_judge"); td.performBulkImportSession("java_judge"); return reached(TDBulkImportSession.ImportStatus.READY); });
        operation("bulk import: show", () -> td.getBulkImportSession("java_judge").getValidRecords() == 2);
        operation("bulk import: error records", () -> td.getBulkImportErrorRecords("java_judge", (Function<java.io.InputStream, Boolean>) in -> true));
        operation("bulk import: commit", () -> { td.commitBulkImportSession("java_judge"); return reached(TDBulkImportSession.ImportStatus.COMMITTED); });
        operation("bulk import: delete", () -> { td.deleteBulkImportSession("java_judge"); return td.listBulkImportSessions().stream().noneMatch(one -> one.getName().equals("java_judge")); });
    }

    static void account() {
        operation("users: show", () -> td.getUser().getEmail().endsWith("example.com"));
        operation("users: list", () -> td.listUsers().getUsers().size() == 1);
        operation("users: validate the key", () -> td.validateApiKey().isAdministrator());
        operation("schedules: list", () -> !td.listSavedQueries().isEmpty());
        operation("schedules: history", () -> td.getSavedQueryHistory(td.listSavedQueries().get(0).getName()).getHistory().isEmpty());
        operation("connections: look up", () -> td.lookupConnection("warehouse") > 0);
        operation("connections: a missing one", () -> isRefused(TDClientHttpNotFoundException.class, () -> td.lookupConnection("missing")));
    }

    static TDJobRequest keyed(String key) {
        return new TDJobRequestBuilder().setType(TDJob.Type.PRESTO).setDatabase("shop").setQuery(SQL).setDomainKey(key).createTDJobRequest();
    }

    static TDJob run(TDJobRequest request) throws Exception {
        return ended(td.submit(request));
    }

    static TDJob ended(String id) throws Exception {
        for (int attempt = 0; attempt < 500; attempt += 1) {
            TDJob job = td.jobInfo(id);
            if (job.getStatus().isFinished()) return job;
            Thread.sleep(10);
        }
        throw new IllegalStateException("the job does not end");
    }

    static boolean reached(TDBulkImportSession.ImportStatus status) throws Exception {
        for (int attempt = 0; attempt < 500; attempt += 1) {
            if (td.getBulkImportSession("java_judge").getStatus() == status) return true;
            Thread.sleep(10);
        }
        return false;
    }

    static byte[] result(String sql, TDResultFormat format) throws Exception {
        TDJob job = run(TDJobRequest.newPrestoQuery("shop", sql));
        Function<java.io.InputStream, byte[]> read = in -> {
            try { return in.readAllBytes(); } catch (java.io.IOException e) { throw new java.io.UncheckedIOException(e); }
        };
        return td.jobResult(job.getJobId(), format, read);
    }

    static String text(TDResultFormat format) throws Exception {
        return new String(result(SQL, format), java.nio.charset.StandardCharsets.UTF_8).strip();
    }

    static byte[] gunzip(byte[] bytes) throws Exception {
        return new GZIPInputStream(new java.io.ByteArrayInputStream(bytes)).readAllBytes();
    }

    /** One record, {"time": 1}, in MessagePack and gzip. */
    static byte[] part() throws Exception {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(bytes)) {
            gzip.write(new byte[] {(byte) 0x81, (byte) 0xa4, 't', 'i', 'm', 'e', 1});
        }
        return bytes.toByteArray();
    }

    interface Action { void run() throws Exception; }

    static boolean done(Action action) throws Exception {
        action.run();
        return true;
    }

    static boolean isRefused(Class<? extends Exception> refusal, Action action) throws Exception {
        try {
            action.run();
            return false;
        } catch (Exception e) {
            if (refusal.isInstance(e)) return true;
            throw e;
        }
    }

    static void operation(String name, Callable<Boolean> check) {
        String reason = "";
        try {
            if (!check.call()) reason = "another answer";
        } catch (Throwable e) {
            reason = String.valueOf(e).lines().findFirst().orElse("error").replace("\\", "/").replace("\"", "'");
        }
        System.out.println("{\"operation\": \"" + name + "\", \"passed\": " + reason.isEmpty() + ", \"reason\": \"" + reason + "\"}");
    }
}
