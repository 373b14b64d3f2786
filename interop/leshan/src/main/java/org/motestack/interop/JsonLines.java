package org.motestack.interop;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/**
 * One JSON command a line on standard input, one JSON answer or event a line on standard output.
 *
 * A command is {@code {"id": 7, "do": "read", …}}; its answer carries the same {@code id}. A line with {@code event}
 * instead of {@code id} was not asked for. Standard input closed, or {@code {"do": "quit"}}, ends the program.
 */
final class JsonLines {

    /** Carries out one command; what it throws becomes the answer's {@code error}. */
    interface Handler {
        ObjectNode handle(JsonNode command) throws Exception;
    }

    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;
    private final ObjectMapper mapper = new ObjectMapper();
    private final PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);

    static ObjectNode object() {
        return NODES.objectNode();
    }

    void event(String name, ObjectNode fields) {
        ObjectNode line = object();
        line.put("event", name);
        line.setAll(fields);
        print(line);
    }

    /** Reads commands until there are no more. Commands run side by side: one that waits for the peer holds up no other. */
    void serve(Handler handler) throws IOException, InterruptedException {
        ExecutorService workers = Executors.newFixedThreadPool(8);
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            if (line.isBlank()) {
                continue;
            }
            JsonNode command = mapper.readTree(line);
            if (command.path("do").asText().equals("quit")) {
                break;
            }
            workers.execute(() -> answer(command, handler));
        }
        workers.shutdown();
        workers.awaitTermination(3, TimeUnit.SECONDS);
    }

    private void answer(JsonNode command, Handler handler) {
        ObjectNode answer;
        try {
            answer = handler.handle(command);
        } catch (Exception | LinkageError problem) {
            answer = object();
            answer.put("error", problem.getClass().getSimpleName() + ": " + problem.getMessage());
        }
        answer.set("id", command.path("id"));
        print(answer);
    }

    private synchronized void print(ObjectNode line) {
        out.println(line.toString());
    }
}
