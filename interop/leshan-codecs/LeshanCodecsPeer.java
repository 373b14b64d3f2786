import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Date;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.eclipse.leshan.core.link.DefaultLinkSerializer;
import org.eclipse.leshan.core.link.Link;
import org.eclipse.leshan.core.link.lwm2m.DefaultLwM2mLinkParser;
import org.eclipse.leshan.core.model.LwM2mModel;
import org.eclipse.leshan.core.model.ObjectModel;
import org.eclipse.leshan.core.model.ResourceModel;
import org.eclipse.leshan.core.model.ResourceModel.Operations;
import org.eclipse.leshan.core.model.ResourceModel.Type;
import org.eclipse.leshan.core.model.StaticModel;
import org.eclipse.leshan.core.node.LwM2mMultipleResource;
import org.eclipse.leshan.core.node.LwM2mNode;
import org.eclipse.leshan.core.node.LwM2mObject;
import org.eclipse.leshan.core.node.LwM2mObjectInstance;
import org.eclipse.leshan.core.node.LwM2mPath;
import org.eclipse.leshan.core.node.LwM2mResource;
import org.eclipse.leshan.core.node.LwM2mResourceInstance;
import org.eclipse.leshan.core.node.LwM2mSingleResource;
import org.eclipse.leshan.core.node.ObjectLink;
import org.eclipse.leshan.core.node.codec.DefaultLwM2mDecoder;
import org.eclipse.leshan.core.node.codec.DefaultLwM2mEncoder;
import org.eclipse.leshan.core.request.ContentFormat;
import org.eclipse.leshan.core.util.Hex;
import org.eclipse.leshan.core.util.datatype.ULong;

/**
 * Leshan's payload codecs by themselves: one JSON command a line, one JSON answer a line.
 *
 * {@code encode}: {@code format}, {@code path}, {@code values} (path to text) give {@code hex}. {@code decode}: {@code format},
 * {@code path}, {@code hex} give {@code values}. A value as text: decimal digits, a float as Java prints it, {@code true},
 * hex for Opaque, seconds since 1970 for Time, {@code 3:0}, links as they are written.
 *
 * Run by {@code java -cp …/lib/* LeshanCodecsPeer.java}: it needs no build.
 */
public final class LeshanCodecsPeer {

    private static final int OBJECT = 42;
    private static final int MULTIPLE = 256;
    private static final Type[] TYPES = { Type.STRING, Type.INTEGER, Type.UNSIGNED_INTEGER, Type.FLOAT, Type.BOOLEAN,
            Type.OPAQUE, Type.TIME, Type.OBJLNK, Type.CORELINK };
    private static final LwM2mModel MODEL = new StaticModel(model());
    private static final ObjectMapper MAPPER = new ObjectMapper();

    private LeshanCodecsPeer() {
    }

    /** Resource n is of type n, resource 256 + n the same with instances. */
    private static ObjectModel model() {
        List<ResourceModel> resources = new ArrayList<>();
        for (int type = 0; type < TYPES.length; type++) {
            resources.add(resource(type, false, TYPES[type]));
            resources.add(resource(MULTIPLE + type, true, TYPES[type]));
        }
        return new ObjectModel(OBJECT, "Every Type", null, "1.0", true, false, resources, "urn:x:42", "1.1", null);
    }

    private static ResourceModel resource(int id, boolean multiple, Type type) {
        return new ResourceModel(id, "r" + id, Operations.RW, multiple, false, type, null, null, null);
    }

    public static void main(String[] arguments) throws Exception {
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            JsonNode command = MAPPER.readTree(line);
            if (command.path("do").asText().equals("quit")) {
                break;
            }
            ObjectNode answer;
            try {
                answer = command.path("do").asText().equals("encode") ? encode(command) : decode(command);
            } catch (Exception problem) {
                answer = MAPPER.createObjectNode();
                Throwable cause = problem.getCause() == null ? problem : problem.getCause();
                answer.put("error", problem.getMessage() + " / " + cause.getMessage());
            }
            answer.set("id", command.path("id"));
            out.println(answer);
        }
    }

    private static ObjectNode encode(JsonNode command) throws Exception {
        LwM2mPath path = new LwM2mPath(command.path("path").asText());
        Map<LwM2mPath, Object> values = new HashMap<>();
        for (Iterator<Map.Entry<String, JsonNode>> fields = command.path("values").fields(); fields.hasNext();) {
            Map.Entry<String, JsonNode> field = fields.next();
            LwM2mPath leaf = new LwM2mPath(field.getKey());
            values.put(leaf, parse(field.getValue().asText(), type(leaf)));
        }
        ContentFormat format = ContentFormat.fromCode(command.path("format").asInt());
        byte[] bytes = new DefaultLwM2mEncoder().encode(nodeAt(path, values), format, null, path, MODEL);
        ObjectNode answer = MAPPER.createObjectNode();
        return answer.put("hex", Hex.encodeHexString(bytes));
    }

    private static ObjectNode decode(JsonNode command) throws Exception {
        LwM2mPath path = new LwM2mPath(command.path("path").asText());
        ContentFormat format = ContentFormat.fromCode(command.path("format").asInt());
        byte[] bytes = Hex.decodeHex(command.path("hex").asText().toCharArray());
        LwM2mNode node = new DefaultLwM2mDecoder().decode(bytes, format, null, path, MODEL);
        ObjectNode answer = MAPPER.createObjectNode();
        describe(node, path, answer.putObject("values"));
        return answer;
    }

    private static Type type(LwM2mPath path) {
        return TYPES[path.getResourceId() % MULTIPLE];
    }

    private static LwM2mNode nodeAt(LwM2mPath path, Map<LwM2mPath, Object> values) {
        if (path.isResourceInstance()) {
            return LwM2mResourceInstance.newInstance(path.getResourceInstanceId(), values.get(path), type(path));
        }
        Map<Integer, Map<Integer, Object>> several = new HashMap<>();
        List<LwM2mResource> resources = new ArrayList<>();
        for (Map.Entry<LwM2mPath, Object> entry : values.entrySet()) {
            LwM2mPath leaf = entry.getKey();
            if (leaf.isResourceInstance()) {
                several.computeIfAbsent(leaf.getResourceId(), id -> new HashMap<>()).put(leaf.getResourceInstanceId(),
                        entry.getValue());
            } else {
                resources.add(LwM2mSingleResource.newResource(leaf.getResourceId(), entry.getValue(), type(leaf)));
            }
        }
        several.forEach((id, instances) -> resources
                .add(LwM2mMultipleResource.newResource(id, instances, TYPES[id % MULTIPLE])));
        return path.isResource() ? resources.get(0) : new LwM2mObjectInstance(path.getObjectInstanceId(), resources);
    }

    private static void describe(LwM2mNode node, LwM2mPath path, ObjectNode values) throws Exception {
        if (node instanceof LwM2mObject object) {
            for (LwM2mObjectInstance instance : object.getInstances().values()) {
                describe(instance, path.append(instance.getId()), values);
            }
        } else if (node instanceof LwM2mObjectInstance instance) {
            for (LwM2mResource resource : instance.getResources().values()) {
                describe(resource, path.append(resource.getId()), values);
            }
        } else if (node instanceof LwM2mResourceInstance instance) {
            values.put(path.toString(), format(instance.getValue()));
        } else if (node instanceof LwM2mResource resource && resource.isMultiInstances()) {
            for (LwM2mResourceInstance instance : resource.getInstances().values()) {
                values.put(path.append(instance.getId()).toString(), format(instance.getValue()));
            }
        } else if (node instanceof LwM2mResource resource) {
            values.put(path.toString(), format(resource.getValue()));
        }
    }

    private static Object parse(String text, Type type) throws Exception {
        return switch (type) {
        case STRING -> text;
        case INTEGER -> Long.valueOf(text);
        case UNSIGNED_INTEGER -> ULong.valueOf(new BigInteger(text));
        case FLOAT -> Double.valueOf(text);
        case BOOLEAN -> Boolean.valueOf(text);
        case OPAQUE -> Hex.decodeHex(text.toCharArray());
        case TIME -> new Date(Long.parseLong(text) * 1000);
        case OBJLNK -> ObjectLink.decodeFromString(text);
        case CORELINK -> new DefaultLwM2mLinkParser().parseCoreLinkFormat(text.getBytes(StandardCharsets.UTF_8));
        default -> throw new IllegalArgumentException("no value of type " + type);
        };
    }

    private static String format(Object value) throws Exception {
        if (value instanceof byte[] bytes) {
            return Hex.encodeHexString(bytes);
        }
        if (value instanceof Date date) {
            return Long.toString(Math.floorDiv(date.getTime(), 1000L));
        }
        if (value instanceof ObjectLink link) {
            return link.encodeToString();
        }
        if (value instanceof Link[] links) {
            return new DefaultLinkSerializer().serializeCoreLinkFormat(links);
        }
        return String.valueOf(value);
    }
}
