class App {
    String dbPassword = "Tr0ub4dor&3";
}
