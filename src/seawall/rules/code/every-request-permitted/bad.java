class App {
    void run() throws Exception {
        http.authorizeHttpRequests(a -> a.anyRequest().permitAll());
    }
}
