class App {
    void run() throws Exception {
        file.setWritable(true, false);
    }
}
