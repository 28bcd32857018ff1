class App {
    void run() throws Exception {
        response.sendRedirect(request.getParameter("next"));
    }
}
