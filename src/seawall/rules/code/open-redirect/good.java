class App {
    void run() throws Exception {
        response.sendRedirect("/login");
    }
}
