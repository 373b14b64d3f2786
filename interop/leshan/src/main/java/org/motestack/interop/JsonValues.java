package org.motestack.interop;

import static org.motestack.interop.JsonLines.object;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Date;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.eclipse.leshan.core.link.Link;
import org.eclipse.leshan.core.model.LwM2mModel;
import org.eclipse.leshan.core.model.ResourceModel;
import org.eclipse.leshan.core.model.ResourceModel.Type;
import org.eclipse.leshan.core.node.LwM2mMultipleResource;
import org.eclipse.leshan.core.node.LwM2mNode;
import org.eclipse.leshan.core.node.LwM2mObject;
import org.eclipse.leshan.core.node.LwM2mObjectInstance;
import org.eclipse.leshan.core.node.LwM2mPath;
import org.eclipse.leshan.core.node.LwM2mResource;
import org.eclipse.leshan.core.node.LwM2mResourceInstance;
import org.eclipse.leshan.core.node.LwM2mSingleResource;
import org.eclipse.leshan.core.node.ObjectLink;
import org.eclipse.leshan.core.util.Hex;
import org.eclipse.leshan.core.util.datatype.ULong;

/**
 * Leshan's values as JSON and back: Opaque is hex, Time is seconds since 1970, an object link is {@code "3:0"}, a multiple
 * resource is an object keyed by resource instance id.
 */
final class JsonValues {

    private JsonValues() {
    }

    static ObjectNode describe(LwM2mNode node) {
        ObjectNode json = object();
        if (node instanceof LwM2mObject lwM2mObject) {
            json.put("kind", "object").put("id", lwM2mObject.getId());
            ObjectNode instances = json.putObject("instances");
            lwM2mObject.getInstances().forEach((id, instance) -> instances.set(id.toString(), describe(instance)));
        } else if (node instanceof LwM2mObjectInstance instance) {
            json.put("kind", "instance").put("id", instance.getId());
            ObjectNode resources = json.putObject("resources");
            instance.getResources().forEach((id, resource) -> resources.set(id.toString(), describe(resource)));
        } else if (node instanceof LwM2mResource resource) {
            describeResource(resource, json);
        } else if (node instanceof LwM2mResourceInstance instance) {
            json.put("kind", "resourceInstance").put("id", instance.getId()).put("type", instance.getType().name());
            putValue(json, "value", instance.getValue());
        }
        return json;
    }

    private static void describeResource(LwM2mResource resource, ObjectNode json) {
        json.put("kind", resource.isMultiInstances() ? "multiple" : "resource");
        json.put("id", resource.getId()).put("type", resource.getType().name());
        if (resource.isMultiInstances()) {
            ObjectNode values = json.putObject("value");
            resource.getInstances().forEach((id, instance) -> putValue(values, id.toString(), instance.getValue()));
        } else {
            putValue(json, "value", resource.getValue());
        }
    }

    private static void putValue(ObjectNode json, String name, Object value) {
        if (value instanceof String text) {
            json.put(name, text);
        } else if (value instanceof Long number) {
            json.put(name, number);
        } else if (value instanceof ULong number) {
            json.put(name, number.toBigInteger());
        } else if (value instanceof Double number) {
            json.put(name, number);
        } else if (value instanceof Boolean flag) {
            json.put(name, flag);
        } else if (value instanceof byte[] bytes) {
            json.put(name, Hex.encodeHexString(bytes));
        } else if (value instanceof Date time) {
            json.put(name, time.getTime() / 1000.0);
        } else if (value instanceof ObjectLink link) {
            json.put(name, link.encodeToString());
        } else if (value instanceof Link[] links) {
            json.put(name, links.length);
        } else {
            throw new IllegalStateException("no JSON form for " + value);
        }
    }

    /** What a command gives for one path, as the node that Leshan writes there. */
    static LwM2mNode node(LwM2mPath path, JsonNode value, String forcedType, LwM2mModel model) {
        if (path.isObjectInstance()) {
            return new LwM2mObjectInstance(path.getObjectInstanceId(), resources(path.getObjectId(), value, model));
        }
        Type type = type(path.getObjectId(), path.getResourceId(), forcedType, model);
        if (path.isResource()) {
            return resource(path.getResourceId(), value, type);
        }
        if (path.isResourceInstance()) {
            return LwM2mResourceInstance.newInstance(path.getResourceInstanceId(), value(value, type), type);
        }
        throw new IllegalArgumentException("nothing can be written to " + path);
    }

    static List<LwM2mResource> resources(int objectId, JsonNode values, LwM2mModel model) {
        List<LwM2mResource> resources = new ArrayList<>();
        for (Iterator<Map.Entry<String, JsonNode>> fields = values.fields(); fields.hasNext();) {
            Map.Entry<String, JsonNode> field = fields.next();
            int id = Integer.parseInt(field.getKey());
            resources.add(resource(id, field.getValue(), type(objectId, id, null, model)));
        }
        return resources;
    }

    static LwM2mResource resource(int id, JsonNode json, Type type) {
        if (!json.isObject()) {
            return LwM2mSingleResource.newResource(id, value(json, type), type);
        }
        Map<Integer, Object> values = new HashMap<>();
        json.fields().forEachRemaining(
                field -> values.put(Integer.valueOf(field.getKey()), value(field.getValue(), type)));
        return LwM2mMultipleResource.newResource(id, values, type);
    }

    private static Type type(int objectId, int resourceId, String forcedType, LwM2mModel model) {
        if (forcedType != null) {
            return Type.valueOf(forcedType);
        }
        ResourceModel resource = model.getResourceModel(objectId, resourceId);
        if (resource == null) {
            throw new IllegalArgumentException("no model of /" + objectId + "/x/" + resourceId + ": give a type");
        }
        return resource.type;
    }

    private static Object value(JsonNode json, Type type) {
        return switch (type) {
        case STRING -> json.asText();
        case INTEGER -> json.asLong();
        case UNSIGNED_INTEGER -> ULong.valueOf(json.bigIntegerValue());
        case FLOAT -> json.asDouble();
        case BOOLEAN -> json.asBoolean();
        case OPAQUE -> Hex.decodeHex(json.asText().toCharArray());
        case TIME -> new Date(Math.round(json.asDouble() * 1000));
        case OBJLNK -> ObjectLink.decodeFromString(json.asText());
        default -> throw new IllegalArgumentException("no value of type " + type);
        };
    }
}
