class App {
    void run() throws Exception {
        s.executeQuery("SELECT * FROM users WHERE name = '" + name + "'");
    }
}
