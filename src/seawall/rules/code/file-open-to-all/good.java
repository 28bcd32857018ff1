class App {
    void run() throws Exception {
        PosixFilePermissions.fromString("rw-r-----");
    }
}
