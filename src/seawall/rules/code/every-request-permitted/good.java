class App {
    void run() throws Exception {
        http.authorizeHttpRequests(a -> a.requestMatchers("/health").permitAll().anyRequest().authenticated());
    }
}
