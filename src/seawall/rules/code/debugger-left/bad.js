function f() { debugger; }
