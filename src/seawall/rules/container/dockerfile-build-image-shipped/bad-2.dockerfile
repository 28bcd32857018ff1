FROM maven:3.9-eclipse-temurin-21
CMD ["java", "-jar", "a.jar"]
