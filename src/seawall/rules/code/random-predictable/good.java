class App {
    void run() throws Exception {
        Random random = new Random();
        long delay = random.nextLong();
    }
}
