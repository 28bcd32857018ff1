class App {
    String u = "jdbc:mysql://db/x?useSSL=true";
}
