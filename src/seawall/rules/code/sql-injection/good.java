class App {
    void run() throws Exception {
        c.prepareStatement("SELECT * FROM users" + " WHERE name = ?");
    }
}
