class App {
    void run() throws Exception {
        Random random = new Random();
        String token = Long.toString(random.nextLong());
    }
}
