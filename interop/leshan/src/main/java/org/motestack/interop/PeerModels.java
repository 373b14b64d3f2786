package org.motestack.interop;

import java.util.ArrayList;
import java.util.List;
import org.eclipse.leshan.core.LwM2m.LwM2mVersion;
import org.eclipse.leshan.core.model.ObjectLoader;
import org.eclipse.leshan.core.model.ObjectModel;
import org.eclipse.leshan.core.model.ResourceModel;
import org.eclipse.leshan.core.model.ResourceModel.Operations;
import org.eclipse.leshan.core.model.ResourceModel.Type;

/** The objects that both peers know: the core objects of LwM2M 1.1, Temperature (3303) and the Test Object (3442). */
final class PeerModels {

    static final int TEMPERATURE = 3303;
    static final int TEST_OBJECT = 3442;

    private PeerModels() {
    }

    static List<ObjectModel> all() {
        List<ObjectModel> models = new ArrayList<>(ObjectLoader.loadDefault(LwM2mVersion.V1_1));
        models.add(temperature());
        models.add(testObject());
        return models;
    }

    private static ObjectModel temperature() {
        return new ObjectModel(TEMPERATURE, "Temperature", null, "1.1", true, false, List.of(
                new ResourceModel(5700, "Sensor Value", Operations.R, false, true, Type.FLOAT, null, null, null),
                optional(5601, "Min Measured Value", Operations.R, Type.FLOAT),
                optional(5602, "Max Measured Value", Operations.R, Type.FLOAT),
                optional(5701, "Sensor Units", Operations.R, Type.STRING),
                optional(5605, "Reset Min and Max Measured Values", Operations.E, Type.NONE),
                optional(5750, "Application Type", Operations.RW, Type.STRING),
                optional(5518, "Timestamp", Operations.R, Type.TIME)), "urn:oma:lwm2m:ext:3303:1.1", "1.0", null);
    }

    private static ObjectModel testObject() {
        return new ObjectModel(TEST_OBJECT, "LwM2M v1.1 Test Object", null, "1.0", true, false, List.of(
                optional(0, "Reset values", Operations.E, Type.NONE),
                optional(3, "Exec With Arguments", Operations.E, Type.NONE),
                optional(110, "String Value", Operations.RW, Type.STRING),
                optional(120, "Integer Value", Operations.RW, Type.INTEGER),
                optional(125, "Unsigned Integer Value", Operations.RW, Type.UNSIGNED_INTEGER),
                optional(130, "Float Value", Operations.RW, Type.FLOAT),
                optional(140, "Boolean Value", Operations.RW, Type.BOOLEAN),
                optional(150, "Opaque Value", Operations.RW, Type.OPAQUE),
                optional(160, "Time Value", Operations.RW, Type.TIME),
                optional(170, "ObjLink Value", Operations.RW, Type.OBJLNK),
                several(1110, "Multiple String Value", Type.STRING),
                several(1120, "Multiple Integer Value", Type.INTEGER),
                several(1130, "Multiple Float Value", Type.FLOAT),
                several(1140, "Multiple Boolean Value", Type.BOOLEAN),
                several(1150, "Multiple Opaque Value", Type.OPAQUE),
                several(1160, "Multiple Time Value", Type.TIME),
                several(1170, "Multiple ObjLink Value", Type.OBJLNK)), "urn:oma:lwm2m:ext:3442", "1.1", null);
    }

    private static ResourceModel optional(int id, String name, Operations operations, Type type) {
        return new ResourceModel(id, name, operations, false, false, type, null, null, null);
    }

    private static ResourceModel several(int id, String name, Type type) {
        return new ResourceModel(id, name, Operations.RW, true, false, type, null, null, null);
    }
}
