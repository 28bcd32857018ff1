import openai

client = openai.OpenAI(api_key="sk-proj-<74 A-Za-z0-9>T3BlbkFJ<74 A-Za-z0-9>")
