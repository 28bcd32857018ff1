@EnableWebSecurity(debug = true)
class A { }
