set_trace_id()
