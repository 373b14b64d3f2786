package org.motestack.interop;

import static org.motestack.interop.JsonLines.object;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.eclipse.leshan.client.resource.SimpleInstanceEnabler;
import org.eclipse.leshan.client.servers.LwM2mServer;
import org.eclipse.leshan.core.model.ObjectModel;
import org.eclipse.leshan.core.model.ResourceModel;
import org.eclipse.leshan.core.node.LwM2mResource;
import org.eclipse.leshan.core.request.argument.Arguments;
import org.eclipse.leshan.core.response.ExecuteResponse;
import org.eclipse.leshan.core.response.WriteResponse;

/** An object instance that keeps its values and tells each Write and Execute as an event. */
final class RecordingInstance extends SimpleInstanceEnabler {

    private final JsonLines lines;

    RecordingInstance(JsonLines lines, int id, Map<Integer, Object> initialValues) {
        super(id, initialValues);
        this.lines = lines;
    }

    /** The resources that have a value, and what can be executed. */
    @Override
    public List<Integer> getAvailableResourceIds(ObjectModel objectModel) {
        TreeSet<Integer> ids = new TreeSet<>(resources.keySet());
        for (ResourceModel resource : objectModel.resources.values()) {
            if (resource.operations.isExecutable()) {
                ids.add(resource.id);
            }
        }
        return new ArrayList<>(ids);
    }

    @Override
    public WriteResponse write(LwM2mServer server, boolean replace, int resourceId, LwM2mResource value) {
        WriteResponse response = super.write(server, replace, resourceId, value);
        ObjectNode event = object().put("path", getResourcePath(resourceId).toString()).put("replace", replace);
        event.put("code", response.getCode().toString()).set("content", JsonValues.describe(value));
        lines.event("written", event);
        return response;
    }

    @Override
    public ExecuteResponse execute(LwM2mServer server, int resourceId, Arguments arguments) {
        ResourceModel resource = getModel().resources.get(resourceId);
        if (resource == null || !resource.operations.isExecutable()) {
            return ExecuteResponse.notFound();
        }
        ObjectNode event = object().put("path", getResourcePath(resourceId).toString());
        ObjectNode given = event.putObject("arguments");
        arguments.forEach(argument -> given.put(Integer.toString(argument.getDigit()), argument.getValue()));
        lines.event("executed", event);
        return ExecuteResponse.success();
    }

    /** The device changes a value of its own. */
    void set(int resourceId, LwM2mResource value) {
        resources.put(resourceId, value);
        fireResourceChange(resourceId);
    }
}
