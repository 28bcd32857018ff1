class App {
    static final String PASSWORD = "password";
}
